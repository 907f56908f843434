// SPDX-License-Identifier: Apache-2.0
// The fuzzer's own frames: every kind comes up, by an independent reading, and what is called sound is.
import t from 'tap'
import { soundFrame } from './fuzz_flows.js'
import { fuzzFrame } from './fuzz_frames.js'
import { randomFrom } from './random.js'
import { isLater, networkAt, type Reading, readFrame, wrongChecksums } from './reading.js'
import { ICMP, ICMPV6, IP6, IPIP, SCTP, TCP, UDP } from './transport.js'

const FRAMES = 6000

type Kind = (frame: Buffer, reading: Reading | undefined) => boolean

const overIpv6 = (reading: Reading | undefined) => reading?.version === 6
const tagsOf = (frame: Buffer) => ((networkAt(frame)?.at ?? 14) - 14) / 4

const kinds: Readonly<Record<string, Kind>> = {
  'TCP over IPv4': (_, reading) => reading?.version === 4 && reading.protocol === TCP,
  'UDP over IPv6': (_, reading) => overIpv6(reading) && reading?.protocol === UDP,
  SCTP: (_, reading) => reading?.protocol === SCTP,
  'ICMP and no error': (_, reading) => reading?.protocol === ICMP && !reading.quoted,
  'ICMPv6 and no error': (_, reading) => reading?.protocol === ICMPV6 && !reading.quoted,
  'an error that quotes ports': (_, reading) => reading?.quoted?.ports !== undefined,
  'an error that quotes none': (_, reading) => reading?.quoted !== undefined && !reading.quoted.ports,
  'an error in an error': (_, reading) => reading?.quoted?.quoted !== undefined,
  'an error in IPv6': (_, reading) => overIpv6(reading) && reading?.quoted !== undefined,
  'a first fragment': (_, reading) => reading?.fragment?.offset === 0,
  'a tiny first fragment': (_, reading) => reading?.fragment?.offset === 0 && reading.end - reading.transport < 20,
  'a later fragment': (_, reading) => reading !== undefined && isLater(reading),
  'a later fragment of IPv6': (_, reading) => overIpv6(reading) && reading !== undefined && isLater(reading),
  'some extension headers': (_, reading) => (reading?.extensions ?? 0) > 0,
  'many extension headers': (_, reading) => (reading?.extensions ?? 0) > 8,
  'a tag': (frame) => tagsOf(frame) === 1,
  'two tags': (frame) => tagsOf(frame) === 2,
  'more tags': (frame) => tagsOf(frame) > 2,
  'a tunnel': (_, reading) => reading?.protocol === IPIP || reading?.protocol === IP6,
  'no sound IP header': (_, reading) => reading === undefined,
  'a jumbo frame': (frame) => frame.length > 8000,
}

t.test('every kind of frame comes up', async (t) => {
  const random = randomFrom(1)
  const frames = Array.from({ length: FRAMES }, () => fuzzFrame(random))
  const readings = frames.map((frame) => readFrame(frame))
  for (const [name, is] of Object.entries(kinds)) {
    const times = frames.filter((frame, i) => is(frame, readings[i])).length
    t.ok(times >= 10, `${name}: ${times}`)
  }
})

t.test('nothing is wrong with a sound frame but a checksum that is left out, and every checksum is looked at', async (t) => {
  const random = randomFrom(2)
  const frames = Array.from({ length: FRAMES }, () => soundFrame(random))
  const readings = frames.map((frame) => readFrame(frame))
  t.ok(readings.every((reading) => reading !== undefined))
  const wrong = frames.filter((frame, i) => wrongChecksums(frame, readings[i] as Reading).length > 0)
  t.same(
    wrong.map((frame) => frame.toString('hex')),
    [],
  )
})
