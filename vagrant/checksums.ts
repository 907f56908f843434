// SPDX-License-Identifier: Apache-2.0
// Whether what passes an interface has right checksums, by tcpdump's arithmetic: IPv4, TCP, UDP, ICMP and ICMPv6, in tunnels and in
// what ICMP errors quote too. Interfaces of machines are the place for it: at a switch's port, GRO has merged frames.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { finished, type Lab } from './lab.js'
import { mtuOf } from './wiring.js'

export interface Verified {
  readonly frames: number
  /** tcpdump's line for each with a bad checksum. */
  readonly bad: readonly string[]
  /** Frames that the kernel had no room to keep for us. */
  readonly missed: number
}

export interface Watch {
  stop(): Promise<Verified>
}

const bad = /bad (udp |icmp6 )?cksum|wrong icmp cksum|cksum \S+ \(incorrect/
let watched = 0

/** Bytes of the longest frame: what the ring has for each, so that it has room for many. */
function longest({ topology }: Lab): number {
  return Math.max(...Object.keys(topology.networks).map((network) => mtuOf(topology, network))) + 100
}

/** Starts watching, and resolves once it sees. `room`: KiB that the kernel keeps until tcpdump has had its turn. */
export async function watchChecksums(lab: Lab, machine: string, { device = 'eth1', room = 131_072 } = {}): Promise<Watch> {
  const capture = `${lab.directory}/watch${watched++}.pcap`
  const size = ['-s', String(longest(lab)), '-B', String(room)]
  const args = ['-i', device, ...size, '-Z', 'root', '--immediate-mode', '-U', '-w', capture]
  const child = lab.start(machine, 'tcpdump', args)
  const ended = finished(child)
  await Promise.race([once(child.stderr as NodeJS.ReadableStream, 'data'), ended])
  return {
    async stop() {
      await delay(100)
      child.kill('SIGINT')
      const missed = Number(/(\d+) packets? dropped by kernel/.exec((await ended).stderr)?.[1] ?? Number.NaN)
      const { stdout } = await lab.run(machine, 'tcpdump', ['-n', '-vv', '-t', '-r', capture])
      const lines = stdout.split('\n')
      return { frames: lines.filter((line) => /^\S/.test(line)).length, bad: lines.filter((line) => bad.test(line)), missed }
    },
  }
}
