// SPDX-License-Identifier: Apache-2.0
// Frames that were cut off, and frames with one field that lies, for a listener of ours.
import t from 'tap'
import { ethernet, type Frame } from './frame.js'
import { realServer, service } from './given.js'
import { usual } from './packet_test.js'
import type { OutcomeName } from './verdict.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const a = realServer('10.0.0.11', '02:00:00:00:00:11')
const given = [service('192.0.2.1:80'), a, service('192.0.2.1:53', { protocol: 'udp' }), a]
const options = Buffer.alloc(8, 1)
const base = ethernet().ipv4(client, vip)
const withOptions = ethernet().ipv4(client, vip, { options })

const ETHERNET = 14
const SHORTEST = 14
const LONGEST = 80

interface Kind {
  readonly frame: Frame
  readonly ip: number
  /** Bytes of the transport header, without options. */
  readonly transport: number
}

/** Each 80 bytes long, or longer. */
const kinds: Readonly<Record<string, Kind>> = {
  TCP: { frame: base.tcp(40000, 80).payload(26), ip: 20, transport: 20 },
  UDP: { frame: base.udp(40000, 53).payload(38), ip: 20, transport: 8 },
  'TCP with IP options': { frame: withOptions.tcp(40000, 80).payload(20), ip: 28, transport: 20 },
  'UDP with IP options': { frame: withOptions.udp(40000, 53).payload(40), ip: 28, transport: 8 },
  'TCP with TCP options': { frame: base.tcp(40000, 80, 'S', { options }).payload(20), ip: 20, transport: 28 },
}

const lengths = Array.from({ length: LONGEST - SHORTEST + 1 }, (_, i) => SHORTEST + i)

/** The outcomes of a frame's first 14, 15, … 80 bytes, each in a table of its own. */
function outcomesOf(frames: readonly Buffer[]): string[] {
  const director = usual()
  return frames.map((frame) => {
    director.reset()
    director.configure(given)
    return `${frame.length} ${director.send(frame).outcome}`
  })
}

for (const [name, { frame, ip, transport }] of Object.entries(kinds)) {
  const whole = frame.bytes()

  t.test(`${name}, cut off: until it is whole, its own length betrays it`, async (t) => {
    const expected = lengths.map((length) => `${length} ${length < whole.length ? 'BROKEN_IP_HEADER' : 'FORWARDED'}`)
    t.same(outcomesOf(lengths.map((length) => whole.subarray(0, length))), expected)
  })

  t.test(`${name}, cut off, with an IP length that says so`, async (t) => {
    const cut = lengths.map((length) => shortened(whole, length))
    t.same(
      outcomesOf(cut),
      lengths.map((length) => `${length} ${outcomeOf(length)}`),
    )
  })

  /** UDP's own length says what is missing, TCP has none. */
  function outcomeOf(length: number): OutcomeName {
    if (length < ETHERNET + ip) return 'BROKEN_IP_HEADER'
    const needed = transport === 8 ? whole.length : ETHERNET + ip + transport
    return length < needed ? 'MALFORMED' : 'FORWARDED'
  }

  t.test(`${name}, cut off, and the rest of the frame is padding`, async (t) => {
    const readable = lengths.filter((length) => length >= ETHERNET + ip)
    const padded = readable.map((length) => Buffer.concat([shortened(whole, length), Buffer.alloc(100, 0xff)]))
    t.same(
      outcomesOf(padded),
      readable.map((length) => `${length + 100} ${outcomeOf(length)}`),
    )
  })
}

/** The frame's first bytes; IPv4's length, where they reach that far, is what is there. */
function shortened(whole: Buffer, length: number): Buffer {
  const cut = Buffer.from(whole.subarray(0, length))
  if (length >= ETHERNET + 4) cut.writeUInt16BE(length - ETHERNET, ETHERNET + 2)
  return cut
}

const syn = base.tcp(40000, 80).payload(20)
const query = base.udp(40000, 53).payload(20)

/** Offsets count from IPv4's header, which has 20 bytes. */
const broken: readonly [what: string, frame: Buffer, outcome: OutcomeName][] = [
  ['version 0', syn.with(0, 0x05), 'BROKEN_IP_HEADER'],
  ['version 6', syn.with(0, 0x65), 'BROKEN_IP_HEADER'],
  ['version 15', syn.with(0, 0xf5), 'BROKEN_IP_HEADER'],
  ['header of 0 bytes', syn.with(0, 0x40), 'BROKEN_IP_HEADER'],
  ['header of 16 bytes', syn.with(0, 0x44), 'BROKEN_IP_HEADER'],
  // TCP's checksum and urgent pointer are taken for ports, and nobody listens there
  ['header of 36 bytes in place of 20', syn.with(0, 0x49), 'NOT_OURS'],
  ['header as long as the packet', syn.with(0, 0x4f), 'MALFORMED'],
  ['header longer than the packet', base.tcp(40000, 80).with(0, 0x4f), 'BROKEN_IP_HEADER'],
  ['total length 0', syn.with(2, 0, 0), 'BROKEN_IP_HEADER'],
  ['total length 19', syn.with(2, 0, 19), 'BROKEN_IP_HEADER'],
  ['total length 20: nothing in it', syn.with(2, 0, 20), 'MALFORMED'],
  ['total length 23: half of the ports', syn.with(2, 0, 23), 'MALFORMED'],
  ['total length 39: not all of TCP', syn.with(2, 0, 39), 'MALFORMED'],
  ['total length 40: TCP without data', syn.with(2, 0, 40), 'FORWARDED'],
  ['total length 1 too long', syn.with(2, 0, 61), 'BROKEN_IP_HEADER'],
  ['total length 65535', syn.with(2, 0xff, 0xff), 'BROKEN_IP_HEADER'],
  ['type of service', syn.with(1, 0xff), 'FORWARDED'],
  ['identification', syn.with(4, 0xff, 0xff), 'FORWARDED'],
  ["don't fragment", syn.with(6, 0x40, 0), 'FORWARDED'],
  ['the evil bit (RFC 3514)', syn.with(6, 0x80, 0), 'FORWARDED'],
  ['more fragments', syn.with(6, 0x20, 0), 'FORWARDED'],
  ['more fragments, though it must not be one', syn.with(6, 0x60, 0), 'FORWARDED'],
  ['fragment offset 1', syn.with(6, 0, 1), 'FRAGMENT'],
  ['fragment offset 8191', syn.with(6, 0x1f, 0xff), 'FRAGMENT'],
  ['time to live 0', syn.with(8, 0), 'FORWARDED'],
  ['protocol 0', syn.with(9, 0), 'NOT_OURS'],
  ['protocol 132', syn.with(9, 132), 'NOT_OURS'],
  // The servers check them, as IPVS leaves it to them in direct routing.
  ['IP checksum', syn.with(10, 0xde, 0xad), 'FORWARDED'],
  ['source 0.0.0.0', syn.with(12, 0, 0, 0, 0), 'FORWARDED'],
  ['source 255.255.255.255', syn.with(12, 255, 255, 255, 255), 'FORWARDED'],
  ['source is the VIP', syn.with(12, 192, 0, 2, 1), 'FORWARDED'],
  ['destination 0.0.0.0', syn.with(16, 0, 0, 0, 0), 'NOT_OURS'],
  ['destination 255.255.255.255', syn.with(16, 255, 255, 255, 255), 'NOT_OURS'],
  ['TCP source port 0', syn.with(20, 0, 0), 'FORWARDED'],
  ['TCP destination port 0', syn.with(22, 0, 0), 'NOT_OURS'],
  ['TCP header of 0 bytes', syn.with(32, 0x00), 'MALFORMED'],
  ['TCP header of 16 bytes', syn.with(32, 0x40), 'MALFORMED'],
  ['TCP header of 40 bytes, all that there is', syn.with(32, 0xa0), 'FORWARDED'],
  ['TCP header of 44 bytes', syn.with(32, 0xb0), 'MALFORMED'],
  ['TCP header of 60 bytes', syn.with(32, 0xf0), 'MALFORMED'],
  ['TCP reserved bits', syn.with(32, 0x5f), 'FORWARDED'],
  ['all TCP flags', syn.with(33, 0xff), 'STRAY'],
  ['all TCP flags but RST', syn.with(33, 0xfb), 'RESET_SENT'],
  ['TCP checksum', syn.with(36, 0xde, 0xad), 'FORWARDED'],
  ['UDP source port 0', query.with(20, 0, 0), 'FORWARDED'],
  ['UDP destination port 0', query.with(22, 0, 0), 'NOT_OURS'],
  ['UDP length 0', query.with(24, 0, 0), 'MALFORMED'],
  ['UDP length 7', query.with(24, 0, 7), 'MALFORMED'],
  ['UDP length 8: nothing in it', query.with(24, 0, 8), 'FORWARDED'],
  ['UDP length 28, all that there is', query.with(24, 0, 28), 'FORWARDED'],
  ['UDP length 29', query.with(24, 0, 29), 'MALFORMED'],
  ['UDP length 65535', query.with(24, 0xff, 0xff), 'MALFORMED'],
  ['UDP checksum', query.with(26, 0xde, 0xad), 'FORWARDED'],
  ['UDP without a checksum', query.with(26, 0, 0), 'FORWARDED'],
]

t.test('one field at a time', async (t) => {
  for (const [what, frame, outcome] of broken) t.same(outcomesOf([frame]), [`${frame.length} ${outcome}`], what)
})
