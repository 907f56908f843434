// SPDX-License-Identifier: Apache-2.0
// The frames of these tests, against an implementation that is not ours: scapy takes lengths and checksums away and works them out
// anew; and against bytes that scapy once made by itself.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ethernet, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { usual } from './packet_test.js'

const script = fileURLToPath(new URL('../../../../test/packets/reread.py', import.meta.url))

/** Debian's Python, which has Debian's python3-scapy. */
function scapy(frames: readonly Buffer[]): { text: string; frame: string }[] {
  const input = frames.map((frame) => frame.toString('hex')).join('\n')
  const lines = execFileSync('/usr/bin/python3', [script], { input, encoding: 'utf8' }).trimEnd().split('\n')
  return lines.map((line) => line.split('\t')).map(([text = '', frame = '']) => ({ text, frame }))
}

const base = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const options = Buffer.from([1, 1, 1, 0])

const frames = {
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 S, 0 bytes': base.tcp(40000, 80),
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 PA, 101 bytes': base.tcp(40000, 80, 'PA').payload(101),
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 FA, 3 bytes': base.tcp(40000, 80, 'FA', { options }).payload('odd'),
  'UDP 198.51.100.7:40000 > 192.0.2.1:9000, 1472 bytes': base.udp(40000, 9000).payload(1472),
  'UDP 198.51.100.7:1 > 192.0.2.1:2, 0 bytes': base.udp(1, 2),
  'TCP 1.2.3.4:65535 > 255.0.0.1:1 SRU, 0 bytes': ethernet()
    .ipv4('1.2.3.4', '255.0.0.1', { options, ttl: 1, tos: 0xff, id: 0xffff, fragment: 0x4000 })
    .tcp(65535, 1, 'SRU', { sequence: 0xffff_ffff, acknowledged: 0xffff_ffff, window: 0xffff }),
}

/** By scapy 2.5.0: `Ether(…)/IP(…)/TCP(…)`; beside it, how it is said here. */
const golden = {
  '0200000000010200000000fe0800450000281234000040067c60c6336407c00002019c400050000003e80000000050022000032e0000': base.tcp(
    40000,
    80,
  ),
  '0200000000010200000000fe0800450000261234000040117c57c6336407c00002019c4000350012927377686f2069732069743f': base
    .udp(40000, 53)
    .payload('who is it?'),
  '0200000000fe0200000000010800450000280000400040064e94c0000201c633640700509c40000000000000040a5014000022fa0000': ethernet(ROUTER)
    .ipv4('192.0.2.1', '198.51.100.7', { id: 0, fragment: 0x4000 })
    .tcp(80, 40000, 'RA', { sequence: 0, acknowledged: 1034, window: 0 }),
}

t.test('frames that scapy once made', async (t) => {
  for (const [bytes, frame] of Object.entries(golden)) t.equal(frame.bytes().toString('hex'), bytes)
})

t.test('scapy reads our frames as they are meant, and makes the same bytes of them', async (t) => {
  const found = scapy(Object.values(frames).map((frame) => frame.bytes()))
  t.same(
    found,
    Object.entries(frames).map(([text, frame]) => ({ text, frame: frame.bytes().toString('hex') })),
  )
})

t.test('and so it does of a UDP checksum that would be 0, and of 300 payloads', async (t) => {
  const many = Array.from({ length: 300 }, (_, i) =>
    base
      .udp(40000, 80)
      .payload(Buffer.from([i >> 8, i, 0x5a, i * 31]))
      .bytes(),
  )
  // The word that makes up what is missing to 0xffff.
  const plain = base
    .udp(40000, 80)
    .payload(Buffer.from([0, 0]))
    .bytes()
  const zero = base.udp(40000, 80).payload(plain.subarray(40, 42)).bytes()
  t.equal(zero.readUInt16BE(40), 0xffff)
  t.same(
    scapy([...many, zero]).map(({ frame }) => frame),
    [...many, zero].map((frame) => frame.toString('hex')),
  )
})

t.test('scapy finds nothing wrong with the RSTs of the program', async (t) => {
  const director = usual()
  director.configure([service('192.0.2.1:80'), realServer('10.0.0.11', '02:00:00:00:00:11')])
  const strays = Array.from({ length: 200 }, (_, i) =>
    ethernet()
      .ipv4(`198.51.${i}.7`, '192.0.2.1')
      .tcp(i * 300 + 1, 80, i % 2 ? 'A' : 'F', {
        sequence: i * 21_474_836,
        acknowledged: i % 2 ? 4_294_967_295 - i * 19_088_743 : 0,
      }),
  )
  const answers = strays.map((frame) => director.send(frame)).map(({ packet }) => packet)
  const found = scapy(answers)
  t.same(
    found.map(({ frame }) => frame),
    answers.map((frame) => frame.toString('hex')),
  )
  t.equal(found[1]?.text, 'TCP 192.0.2.1:80 > 198.51.1.7:301 R, 0 bytes')
  t.equal(found[2]?.text, 'TCP 192.0.2.1:80 > 198.51.2.7:601 RA, 0 bytes')
})
