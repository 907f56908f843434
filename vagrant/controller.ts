// SPDX-License-Identifier: Apache-2.0
// A real xlvsd on one of the lab's directors: its configuration, its life and deaths, and its API.
import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { dump } from 'js-yaml'
import type { Finished, Lab } from './lab.js'
import { finished } from './lab.js'
import { type Forwarding, interfacesOf, root } from './topology.js'

export interface ServiceEntry {
  readonly name: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly address: string
  readonly port: number
  readonly scheduler?: string
  readonly forwarding?: Forwarding
  readonly servers: readonly ServerEntry[]
  readonly [field: string]: unknown
}

export interface ServerEntry {
  readonly address: string
  readonly port: number
  readonly weight?: number
  readonly forwarding?: Forwarding
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the API's answers are what the tests look into
  readonly body: any
}

export class Controller {
  private process: ChildProcess | undefined

  constructor(
    private readonly lab: Lab,
    readonly machine: string,
  ) {
    mkdirSync(lab.site(machine), { recursive: true })
  }

  get configPath(): string {
    return `${this.lab.site(this.machine)}/xlvsd.yaml`
  }

  get socket(): string {
    return `${this.lab.site(this.machine)}/api.sock`
  }

  /** Writes the file; `settings` go over the lab's own. */
  configure(services: readonly ServiceEntry[], settings: Record<string, unknown> = {}): void {
    const file = {
      interfaces: interfacesOf(this.lab.topology, this.machine).map((each) => each.device),
      vips: 'assign',
      api: { listen: `unix:${this.socket}` },
      stateDir: `${this.lab.site(this.machine)}/state`,
      pinDir: this.lab.pins(this.machine),
      limits: { connections: 65536 },
      ...settings,
      services,
    }
    writeFileSync(this.configPath, dump(file))
  }

  get pid(): number {
    if (this.process?.pid === undefined) throw new Error(`no xlvsd runs on ${this.machine}`)
    return this.process.pid
  }

  /** Starts xlvsd and returns when it says that it is ready. */
  async start(): Promise<void> {
    const log = openSync(`${this.lab.site(this.machine)}/xlvsd.log`, 'a')
    this.process = this.lab.start(this.machine, `${root}bin/xlvsd`, ['--config', this.configPath], {
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    await this.ready()
  }

  /** Leaves it behind when this process ends. */
  release(): void {
    this.process?.unref()
  }

  async ready(seconds = 30): Promise<void> {
    const end = Date.now() + seconds * 1000
    while (Date.now() < end) {
      const { exitCode = null, signalCode = null } = this.process ?? {}
      if (exitCode !== null || signalCode !== null) throw new Error(`xlvsd ended with ${exitCode ?? signalCode}:\n${this.log()}`)
      const answer = await this.api('GET', '/readyz').catch(() => undefined)
      if (answer?.status === 200) return
      await delay(20)
    }
    throw new Error(`xlvsd was not ready after ${seconds} s:\n${this.log()}`)
  }

  log(): string {
    return readFileSync(`${this.lab.site(this.machine)}/xlvsd.log`, 'utf8')
  }

  /** Sends a signal and resolves with the exit code once the process is gone. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const running = this.process
    if (!running || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null
    const gone = new Promise<number | null>((resolve) => running.once('exit', (code) => resolve(code)))
    running.kill(signal)
    return gone
  }

  /** `xlvsd detach`: programs, links and maps go. */
  detach(): Promise<Finished> {
    return this.command('xlvsd', ['detach', '--config', this.configPath])
  }

  /** Runs bin/xlvs or bin/xlvsd to its end. */
  command(program: 'xlvs' | 'xlvsd', args: readonly string[]): Promise<Finished> {
    return finished(
      this.lab.start(this.machine, `${root}bin/${program}`, args, {
        env: { ...process.env, XLVS_API: `unix:${this.socket}` },
      }),
    )
  }

  api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    return new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath: this.socket,
          method,
          path,
          headers: text === undefined ? headers : { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }))
          answer.on('error', reject)
        },
      )
      call.on('error', reject)
      call.end(text)
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
