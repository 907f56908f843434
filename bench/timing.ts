// SPDX-License-Identifier: Apache-2.0
// Times of one thing done often, and how the benchmarks print them.
import { Agent, request } from 'node:http'

/** The value that so many of the values are no greater than; `part` is 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]) => quantile(values, 0.5)

/** Milliseconds that something took. */
export async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await what()
  return performance.now() - start
}

/** One figure and what it is, with what the project promises for it where it does. */
export function print(what: string, figure: string, target = ''): void {
  console.log(`${figure.padStart(28)}  ${what}${target && ` (target: ${target})`}`)
}

export const milliseconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`

/** `median (smallest-largest)`, as the other benchmarks print it. */
export function spread(values: readonly number[]): string {
  const [low, middle, high] = [0, 0.5, 1].map((part) => quantile(values, part).toFixed(1))
  return `${middle} (${low}-${high}) ms`
}

/** An HTTP client of one connection over a unix socket that stays open, so that only the request is timed. */
export class Line {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(private readonly socket: string) {}

  /** Resolves with the body; rejects unless the status is 2xx. */
  call(method: string, path: string, body?: object): Promise<string> {
    const text = body && JSON.stringify(body)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const headers = text ? { 'content-type': type, 'content-length': Buffer.byteLength(text) } : {}
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.socket, agent: this.agent, method, path, headers }, (answer) => {
        let received = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk
        })
        const good = Math.floor((answer.statusCode ?? 0) / 100) === 2
        answer.on('end', () => (good ? resolve(received) : reject(new Error(`${method} ${path}: ${received}`))))
      })
      call.on('error', reject)
      call.end(text)
    })
  }

  close(): void {
    this.agent.destroy()
  }
}
