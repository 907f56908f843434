// SPDX-License-Identifier: Apache-2.0
// iperf3 between a client and one server. It has a connection for its words and others for its bytes, so a service that it goes
// through must lead all of them to that server.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Lab } from './lab.js'
import { familyOf, holdsVips } from './topology.js'
import type { Way } from './traffic.js'

export const iperfPort = 5201

export interface Load extends Way {
  readonly seconds?: number
  readonly protocol?: 'tcp' | 'udp'
  /** From the server to the client. */
  readonly reverse?: boolean
  /** The rate of UDP. */
  readonly megabits?: number
}

export interface Throughput {
  /** What arrived. */
  readonly bitsPerSecond: number
  /** Of UDP's datagrams. */
  readonly lostPercent: number
}

/** Sends for some seconds; throws what iperf3 complains of. */
export async function measureThroughput(lab: Lab, server: string, load: Load = {}): Promise<Throughput> {
  const { from = 'client', vip = lab.vip, port = iperfPort, seconds = 1, protocol = 'tcp', reverse = false, megabits = 50 } = load
  const there = await listening(lab, server, vip, port)
  try {
    const args = ['-J', '-c', vip, '-p', String(port), '-t', String(seconds), '--connect-timeout', '3000']
    if (protocol === 'udp') args.push('-u', '-b', `${megabits}M`)
    if (reverse) args.push('-R')
    const { stdout } = await lab.run(from, 'iperf3', args)
    const { error, end } = JSON.parse(stdout)
    if (error !== undefined) throw new Error(`iperf3: ${error}`)
    const arrived = end.sum_received ?? end.sum
    return { bitsPerSecond: arrived.bits_per_second, lostPercent: end.sum?.lost_percent ?? 0 }
  } finally {
    there.kill()
  }
}

/** At the address that what is for the VIP comes to: UDP's answers must come from there. */
async function listening(lab: Lab, server: string, vip: string, port: number): Promise<ChildProcess> {
  const address = holdsVips(lab.topology, server) ? vip : lab.address(server, familyOf(vip))
  const child = lab.start(server, 'iperf3', ['-s', '-1', '--forceflush', '-B', address, '-p', String(port)])
  const ended = once(child, 'exit').then(() => {
    throw new Error(`iperf3 of ${server} ended`)
  })
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended])
  return child
}
