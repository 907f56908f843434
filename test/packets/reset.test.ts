// SPDX-License-Identifier: Apache-2.0
// Stray TCP: what the director answers, byte for byte, checksums included (RFC 9293, 3.10.7.1), and what it does not.
import { ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest } from './packet_test.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const given = [service('192.0.2.1:80'), realServer('10.0.0.11', '02:00:00:00:00:11')]

const stray = (flags: string, sequence = 1000, acknowledged = 0) =>
  ethernet().ipv4(client, vip).tcp(40000, 80, flags, { sequence, acknowledged })

function answer(flags: 'R' | 'RA', sequence: number, acknowledged: number): Frame {
  return ethernet(ROUTER)
    .ipv4(vip, client, { id: 0, fragment: 0x4000, ttl: 64 })
    .tcp(80, 40000, flags, { sequence, acknowledged, window: 0 })
}

const answered: Readonly<Record<string, readonly [sent: Frame | Buffer, answer: Frame]>> = {
  // what it acknowledges is where the other side's next byte would be
  'an ACK': [stray('A', 1000, 7777), answer('R', 7777, 0)],
  'an ACK with data': [stray('PA', 1000, 7777).payload(33), answer('R', 7777, 0)],
  'a FIN with ACK': [stray('FA', 1000, 7777), answer('R', 7777, 0)],
  'a SYN with ACK': [stray('SA', 1000, 0xffff_fffe), answer('R', 0xffff_fffe, 0)],
  // without ACK the answer acknowledges all that it carried
  'data without ACK': [stray('P').payload(33), answer('RA', 0, 1033)],
  'a FIN without ACK': [stray('F'), answer('RA', 0, 1001)],
  'a FIN with data and no ACK': [stray('F').payload(10), answer('RA', 0, 1011)],
  'SYN and FIN, which open nothing': [stray('SF').payload(10), answer('RA', 0, 1012)],
  'no flag at all': [stray(''), answer('RA', 0, 1000)],
  'a sequence number that wraps': [stray('F', 0xffff_ffff).payload(1), answer('RA', 0, 1)],
  // only the packet's own length counts
  'a padded frame': [stray('F').padded(60), answer('RA', 0, 1001)],
  'TCP options': [
    ethernet()
      .ipv4(client, vip)
      .tcp(40000, 80, 'F', { options: Buffer.alloc(12, 1) })
      .payload(5),
    answer('RA', 0, 1006),
  ],
  'IP options': [
    ethernet()
      .ipv4(client, vip, { options: Buffer.alloc(40, 1) })
      .tcp(40000, 80, 'F')
      .payload(5),
    answer('RA', 0, 1006),
  ],
  'a frame of many buffers': [stray('F').payload(8900), answer('RA', 0, 9901)],
  'a frame of many buffers with ACK': [stray('A', 1000, 5).payload(20_000), answer('R', 5, 0)],
}

for (const [what, [sent, packet]] of Object.entries(answered))
  packetTest(`${what} is answered`, { given, sent, expect: { outcome: 'RESET_SENT', packet } })

// RFC 1122, 4.2.3.10
for (const nobody of ['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255'])
  packetTest(`${nobody}, which no host is, gets no answer`, {
    given,
    sent: ethernet().ipv4(nobody, vip).tcp(40000, 80, 'A'),
    expect: { outcome: 'STRAY' },
  })

/** The low 16 bits that bring a checksum's sum to `wanted`, from the checksum that there is with 0 in their place. */
function missing(checksum: number, wanted: number): number {
  return (wanted + checksum) % 0xffff
}

// Sums whose first folding carries once more, seen from either end of the word.
for (const wanted of [0x0001, 0x0002, 0x0100, 0x0200]) {
  const acknowledged =
    0x1234_0000 +
    missing(
      answer('R', 0x1234_0000, 0)
        .bytes()
        .readUInt16BE(14 + 20 + 16),
      wanted,
    )
  packetTest(`a TCP checksum of ${0xffff - wanted} is right`, {
    given,
    sent: stray('A', 1000, acknowledged),
    expect: { outcome: 'RESET_SENT', packet: answer('R', acknowledged, 0) },
  })

  const host = missing(
    answerTo('198.51.0.0')
      .bytes()
      .readUInt16BE(14 + 10),
    wanted,
  )
  const other = `198.51.${host >> 8}.${host & 255}`
  packetTest(`an IP checksum of ${0xffff - wanted} is right`, {
    given,
    sent: ethernet().ipv4(other, vip).tcp(40000, 80, 'A', { acknowledged: 5 }),
    expect: { outcome: 'RESET_SENT', packet: answerTo(other) },
  })
}

function answerTo(address: string): Frame {
  const header = { id: 0, fragment: 0x4000, ttl: 64 }
  return ethernet(ROUTER).ipv4(vip, address, header).tcp(80, 40000, 'R', { sequence: 5, acknowledged: 0, window: 0 })
}

/** Flags and what becomes of them without an entry, by the service's policy. */
const policies = [
  //        reset          drop          hash
  ['A', 'RESET_SENT', 'STRAY', 'FORWARDED .11 | ESTABLISHED?'],
  ['PA', 'RESET_SENT', 'STRAY', 'FORWARDED .11 | ESTABLISHED?'],
  ['', 'RESET_SENT', 'STRAY', 'FORWARDED .11 | NONE?'],
  ['SA', 'RESET_SENT', 'STRAY', 'FORWARDED .11 | SYN_RECEIVED?'],
  ['F', 'RESET_SENT', 'STRAY', 'HASHED .11'],
  ['FA', 'RESET_SENT', 'STRAY', 'HASHED .11'],
  ['R', 'STRAY', 'STRAY', 'HASHED .11'],
  ['RA', 'STRAY', 'STRAY', 'HASHED .11'],
  // opens a connection, whatever else it says about congestion
  ['S', 'FORWARDED .11 | SYN_RECEIVED?', 'FORWARDED .11 | SYN_RECEIVED?', 'FORWARDED .11 | SYN_RECEIVED?'],
  ['SEC', 'FORWARDED .11 | SYN_RECEIVED?', 'FORWARDED .11 | SYN_RECEIVED?', 'FORWARDED .11 | SYN_RECEIVED?'],
] as const

for (const [flags, ...results] of policies)
  for (const [column, policy] of (['reset', 'drop', 'hash'] as const).entries()) {
    const [verdict = '', entry = '-'] = results[column]?.split(' | ') ?? []
    packetTest(`stray: ${policy}, and ${flags || 'no flag'} comes`, {
      given: [service('192.0.2.1:80', { stray: policy }), realServer('10.0.0.11', '02:00:00:00:00:11')],
      strip: [[stray(flags), verdict, entry]],
    })
  }

packetTest('strays under hash go where the flow-hash ring says, whoever asks', {
  given: [
    service('192.0.2.1:80', { stray: 'hash' }),
    realServer('10.0.0.11', '02:00:00:00:00:11'),
    realServer('10.0.0.12', '02:00:00:00:00:12'),
    realServer('10.0.0.13', '02:00:00:00:00:13'),
  ],
  // A FIN makes no entry, so that the second of a pair comes as the first did.
  strip: [],
  finally: (director) => {
    const servers = Array.from({ length: 300 }, (_, i) => {
      const fin = ethernet()
        .ipv4(client, vip)
        .tcp(20_000 + i, 80, 'FA')
      const [first, second] = [director.serverOf(director.send(fin)), director.serverOf(director.send(fin))]
      return first === second ? first : 'two servers'
    })
    const shares = ['10.0.0.11', '10.0.0.12', '10.0.0.13'].map((server) => servers.filter((other) => other === server).length)
    return { all: shares.reduce((sum, share) => sum + share), even: shares.every((share) => share > 70 && share < 130) }
  },
  leaves: { all: 300, even: true },
})
