// SPDX-License-Identifier: Apache-2.0
// What a rewriting of addresses and ports may change in a packet, recomputed by other means than the program's: all bytes but
// addresses, ports, hops and checksums are as they were, and what a checksum covers sums up to what it did, so that one that was
// right is right and one that was wrong is wrong by as much.
import { type Reading, readFrame, type Sum, sumsOf } from './reading.js'
import { ICMP, ICMPV6, TCP, UDP } from './transport.js'

type Range = readonly [from: number, to: number]

/** Both packets, and what is wrong with the second as the first rewritten. */
export interface Rewriting {
  readonly before: Reading
  readonly after: Reading
}

export function rewritingOf(sent: Buffer, received: Buffer): Rewriting | string {
  const before = readFrame(sent)
  const after = readFrame(received)
  if (!before) return 'what has no sound IP header was rewritten'
  if (!after) return 'it has no sound IP header any more'
  const fault =
    changedElsewhere(sent, received, before) ?? wrongHops(sent, received, before) ?? wrongSum(sent, received, before, after)
  return fault ?? { before, after }
}

function changedElsewhere(sent: Buffer, received: Buffer, before: Reading): string | undefined {
  if (sent.length !== received.length) return `${sent.length} bytes became ${received.length}`
  const free = [[0, 12] as const, hopsIn(before), ...rewritable(before)]
  const at = sent.findIndex((byte, i) => byte !== received[i] && !free.some(([from, to]) => i >= from && i < to))
  return at < 0 ? undefined : `byte ${at} changed from ${sent[at]} to ${received[at]}`
}

function rewritable(reading: Reading): Range[] {
  const { version, network, transport, protocol, ports, quoted } = reading
  const ranges: Range[] = version === 4 ? [[network + 10, network + 20]] : [[network + 8, network + 40]]
  // SCTP's checksum is about its ports, and expensive: they stay
  if (ports && protocol === TCP) ranges.push([transport, transport + 4], [transport + 16, transport + 18])
  if (ports && protocol === UDP) ranges.push([transport, transport + 4], [transport + 6, transport + 8])
  if (quoted && (protocol === ICMP || protocol === ICMPV6)) ranges.push([transport + 2, transport + 4], ...rewritable(quoted))
  return ranges
}

function hopsIn({ version, network }: Reading): Range {
  return version === 4 ? [network + 8, network + 9] : [network + 7, network + 8]
}

function wrongHops(sent: Buffer, received: Buffer, before: Reading): string | undefined {
  const [at] = hopsIn(before)
  const [was, is] = [sent[at] as number, received[at] as number]
  return is === was - 1 && is > 0 ? undefined : `its hops became ${is} from ${was}`
}

function wrongSum(sent: Buffer, received: Buffer, before: Reading, after: Reading): string | undefined {
  const [sums, others] = [sumsOf(sent, before), sumsOf(received, after)]
  if (sums.length !== others.length) return `${sums.length} checksums became ${others.length}`
  return sums.map((sum, i) => differs(sum, others[i] as Sum)).find((fault) => fault !== undefined)
}

/** In ones' complement 0 and 0xffff are one number. */
function differs(before: Sum, after: Sum): string | undefined {
  const [was, is] = [before.sum, after.sum]
  if (was === undefined || is === undefined) return was === is ? undefined : `the ${before.what} checksum came or went`
  return was % 0xffff === is % 0xffff
    ? undefined
    : `the ${before.what} checksum covers ${is.toString(16)} in place of ${was.toString(16)}`
}
