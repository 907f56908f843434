// SPDX-License-Identifier: Apache-2.0
// Requests from the lab's client, and what they add up to.
import type { ServerEntry, ServiceEntry } from './controller.js'
import type { Lab } from './lab.js'
import { bracketed, type Family, familyOf, forwardingOf, holdsVips, interfacesOf, root, serversOf } from './topology.js'

const nodePath = process.execPath
const script = `${root}build/js/vagrant/datagrams.js`

export interface Pool {
  readonly family?: Family
  readonly port?: number
  readonly weights?: readonly number[]
}

/** The lab's servers as a service lists them, in order. */
export function serverEntries(lab: Lab, { family = 4, port = 80, weights = [] }: Pool = {}): ServerEntry[] {
  return serversOf(lab.topology).map((name, index) => {
    const forwarding = forwardingOf(lab.topology, name)
    const entry = { address: lab.address(name, family), port, weight: weights[index] ?? 1 }
    return forwarding === 'dr' ? entry : { ...entry, forwarding }
  })
}

/** A VIP's port 80 over the lab's servers, which are of the VIP's family unless `more` has others. */
export function webService(lab: Lab, weights: readonly number[] = [], more: Partial<ServiceEntry> = {}): ServiceEntry {
  const { address = lab.vip } = more
  const servers = serverEntries(lab, { family: familyOf(address), weights })
  return { name: 'web', protocol: 'tcp', address, port: 80, scheduler: 'rr', servers, ...more }
}

/** Datagrams to a port of a VIP's, over the same servers. */
export function echoService(lab: Lab, port: number, more: Partial<ServiceEntry> = {}): ServiceEntry {
  const { address = lab.vip } = more
  const servers = serverEntries(lab, { family: familyOf(address), port })
  return webService(lab, [], { name: 'echo', protocol: 'udp', port, servers, ...more })
}

/** Which client asks whom: `client` the first VIP, port 80, unless told. */
export interface Way {
  readonly from?: string
  readonly vip?: string
  readonly port?: number
}

export function urlOf(lab: Lab, { vip = lab.vip, port = 80 }: Way, path = ''): string {
  return `http://${bracketed(vip)}${port === 80 ? '' : `:${port}`}/${path}`
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
  options: Way & { url?: string; perSecond?: number; seconds?: number } = {},
): Promise<Requests> {
  const url = options.url ?? urlOf(lab, options)
  const args = ['-s', '-S', '-H', 'Connection: close', '--max-time', String(options.seconds ?? 5)]
  if (options.perSecond) args.push('--rate', `${options.perSecond}/s`)
  const { stdout } = await lab.run(options.from ?? 'client', 'curl', [
    ...args,
    '-w',
    '%{stderr}%{http_code}\n',
    `${url}?[1-${count}]`,
  ])
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

export interface Question extends Way {
  readonly port: number
  readonly count: number
  /** Bytes of payload, in the answer too where they are more than it needs: over the MTU, both ways are in fragments. */
  readonly size?: number
  readonly perSecond?: number
  /** Source ports in turn; as many as datagrams when absent. */
  readonly flows?: number
}

/** Starts the UDP service on every server, at each address that datagrams for a VIP come to. */
export async function serveDatagrams(lab: Lab, port: number): Promise<void> {
  for (const server of serversOf(lab.topology)) {
    const process = lab.start(server, nodePath, [script, 'serve', server, String(port), ...destinationsAt(lab, server)])
    await new Promise((resolve, reject) => {
      process.stdout?.once('data', resolve)
      process.once('exit', () => reject(new Error(`the UDP service of ${server} ended`)))
    })
  }
}

function destinationsAt({ topology }: Lab, server: string): string[] {
  const { vips, vips6 = [] } = topology
  const own = interfacesOf(topology, server).flatMap(({ address, address6 }) => (address6 ? [address, address6] : [address]))
  if (!holdsVips(topology, server)) return own
  return own.some((address) => familyOf(address) === 6) ? [...vips, ...vips6] : [...vips]
}

/** Who answered each datagram, in the order they were sent; `-` where nobody did. */
export async function askDatagrams(lab: Lab, question: Question): Promise<string[]> {
  const { from = 'client', vip = lab.vip, port, count, size = 64, perSecond = 500, flows = count } = question
  const args = ['ask', vip, String(port), String(count), String(size), String(perSecond), String(flows)]
  const { stdout } = await lab.run(from, nodePath, [script, ...args])
  const answers = Array.from({ length: count }, () => '-')
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [number, name = '-'] = line.split(' ')
    answers[Number(number)] = name
  }
  return answers
}
