// SPDX-License-Identifier: Apache-2.0
// Requests from the lab's client, and what they add up to.
import type { ServiceEntry } from './controller.js'
import type { Lab } from './lab.js'
import { root, serversOf } from './topology.js'

const nodePath = process.execPath
const script = `${root}build/js/vagrant/datagrams.js`

/** The VIP's port 80 over the lab's servers on one network, in order. */
export function webService(lab: Lab, weights: readonly number[] = [], more: Partial<ServiceEntry> = {}): ServiceEntry {
  const servers = serversOf(lab.topology).map((name, index) => ({
    address: lab.address(name),
    port: 80,
    weight: weights[index] ?? 1,
  }))
  return { name: 'web', protocol: 'tcp', address: lab.vip, port: 80, scheduler: 'rr', servers, ...more }
}

/** Datagrams to a port of the VIP's, over the same servers. */
export function echoService(lab: Lab, port: number): ServiceEntry {
  const { servers } = webService(lab)
  return { ...webService(lab), name: 'echo', protocol: 'udp', port, servers: servers.map((each) => ({ ...each, port })) }
}

export interface Requests {
  /** Who answered, request by request, each on a connection of its own: `server1`, or `-` for one that failed. */
  readonly answers: readonly string[]
  readonly failures: number
}

/** `count` requests one after another, each on a new connection; at most `perSecond` of them, when given. */
export async function requests(
  lab: Lab,
  count: number,
  options: { url?: string; perSecond?: number; seconds?: number } = {},
): Promise<Requests> {
  const url = options.url ?? `http://${lab.vip}/`
  const args = ['-s', '-S', '-H', 'Connection: close', '--max-time', String(options.seconds ?? 5)]
  if (options.perSecond) args.push('--rate', `${options.perSecond}/s`)
  const { stdout } = await lab.run('client', 'curl', [...args, '-w', '%{stderr}%{http_code}\n', `${url}?[1-${count}]`])
  const answers = stdout.split('\n').filter(Boolean)
  return { answers, failures: count - answers.length }
}

/** How often each name comes up. */
export function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** `1231…` for server1, server2, server3, server1: how schedules are written down. */
export function sequence(answers: readonly string[]): string {
  return answers.map((name) => name.replace(/^server/, '')).join('')
}

export interface Question {
  readonly port: number
  readonly count: number
  /** Bytes of payload. */
  readonly size?: number
  readonly perSecond?: number
  /** Source ports in turn; as many as datagrams when absent. */
  readonly flows?: number
}

/** Starts the UDP service on every server, at the VIP. */
export async function serveDatagrams(lab: Lab, port: number): Promise<void> {
  for (const server of serversOf(lab.topology)) {
    const process = lab.start(server, nodePath, [script, 'serve', server, lab.vip, String(port)])
    await new Promise((resolve, reject) => {
      process.stdout?.once('data', resolve)
      process.once('exit', () => reject(new Error(`the UDP service of ${server} ended`)))
    })
  }
}

/** Who answered each datagram, in the order they were sent; `-` where nobody did. */
export async function askDatagrams(lab: Lab, question: Question): Promise<string[]> {
  const { port, count, size = 64, perSecond = 500, flows = count } = question
  const args = ['ask', lab.vip, String(port), String(count), String(size), String(perSecond), String(flows)]
  const { stdout } = await lab.run('client', nodePath, [script, ...args])
  const answers = Array.from({ length: count }, () => '-')
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [number, name = '-'] = line.split(' ')
    answers[Number(number)] = name
  }
  return answers
}
