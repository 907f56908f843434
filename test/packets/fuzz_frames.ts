// SPDX-License-Identifier: Apache-2.0
// Frames for the fuzzer: valid ones of a few flows, so that they meet each other's entries; the same with something wrong; noise.
import { ethernet, otherFrame } from './frame.js'
import type { Random } from './random.js'

/** Where clients want to go: mostly to listeners that there are. */
const targets: readonly (readonly [protocol: 'tcp' | 'udp', vip: string, port: number])[] = [
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 81],
  ['tcp', '192.0.2.2', 80],
  ['udp', '192.0.2.1', 53],
  ['udp', '192.0.2.1', 53],
  ['udp', '192.0.2.2', 53],
  ['tcp', '192.0.2.1', 22],
  ['tcp', '192.0.2.9', 80],
]
const flags = ['S', 'S', 'S', 'A', 'A', 'PA', 'FA', 'F', 'R', 'RA', 'SA', '', 'SF', 'FSRPAUEC']
const sizes = [0, 0, 0, 0, 1, 1, 6, 26, 26, 100, 100, 300, 1460, 1460, 9000]

/** A frame as a client might send it. */
function valid(random: Random): Buffer {
  const options = random.once(4) ? { options: random.bytes(4 * random.below(11)) } : {}
  const fragment = random.once(20) ? { fragment: random.pick([0x2000, 0x2001, 0x0001, 0x4000, 0x1fff]) } : {}
  const client = `198.51.100.${random.below(4)}`
  const [protocol, vip, port] = random.pick(targets)
  const frame = ethernet()
    .ipv4(client, vip, { ...options, ...fragment })
    .payload(random.pick(sizes))
  const source = 40_000 + random.below(16)
  if (protocol === 'udp') return frame.udp(source, port).padded(60)
  const extra = random.once(4) ? { options: random.bytes(4 * random.below(11)) } : {}
  const segment = frame.tcp(source, port, random.pick(flags), { sequence: random.below(2 ** 32), ...extra })
  return random.once(2) ? segment.bytes() : segment.padded(60)
}

const interesting = [0, 1, 2, 4, 5, 6, 7, 8, 15, 16, 17, 20, 0x45, 0x46, 0x4f, 0x7f, 0x80, 0xfe, 0xff]

/** How a frame goes wrong on its way, or by design. */
const faults: readonly ((frame: Buffer, random: Random) => Buffer)[] = [
  (frame, random) => frame.subarray(0, 14 + random.below(Math.max(1, frame.length - 13))),
  (frame, random) => frame.subarray(0, 14 + random.below(67)),
  (frame, random) => changed(frame, random.below(Math.min(80, frame.length)), random.below(256)),
  (frame, random) => changed(frame, 12 + random.below(Math.min(56, frame.length) - 12), random.pick(interesting)),
  (frame, random) => flipped(frame, random.below(8 * Math.min(80, frame.length))),
  (frame, random) => Buffer.concat([frame, random.bytes(random.below(300))]),
  // cut, and IPv4's length says so: what is wrong comes to light further up
  (frame, random) => shortened(frame.subarray(0, 34 + random.below(Math.max(1, frame.length - 33)))),
  (frame, random) => shortened(frame.subarray(0, 34 + random.below(40))),
]

function changed(frame: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(frame)
  copy[at] = value
  return copy
}

function flipped(frame: Buffer, bit: number): Buffer {
  return changed(frame, bit >> 3, (frame[bit >> 3] as number) ^ (1 << (bit & 7)))
}

function shortened(frame: Buffer): Buffer {
  const copy = Buffer.from(frame)
  if (copy.length >= 18) copy.writeUInt16BE(copy.length - 14, 16)
  return copy
}

/** Random bytes, some of them behind headers that lead further in. */
function noise(random: Random): Buffer {
  const bytes = random.bytes(14 + random.below(random.once(10) ? 5000 : 120))
  if (random.once(4)) return bytes
  bytes.set(otherFrame(0x0800, Buffer.alloc(0)).bytes())
  if (bytes.length >= 34) bytes.set([0x45 + random.below(11)], 14)
  if (bytes.length >= 34 && !random.once(3)) bytes.set([192, 0, 2, 1], 30)
  if (bytes.length >= 34 && !random.once(3)) bytes[23] = random.pick([6, 17])
  return random.once(3) ? bytes : shortened(bytes)
}

export function fuzzFrame(random: Random): Buffer {
  const kind = random.below(10)
  if (kind === 0) return noise(random)
  if (kind <= 4) return valid(random)
  let frame = valid(random)
  for (let left = 1 + random.below(3); left > 0; left--) frame = random.pick(faults)(frame, random)
  // BPF_PROG_RUN takes frames from 14 bytes.
  return frame.length < 14 ? Buffer.concat([frame, Buffer.alloc(14 - frame.length)]) : frame
}
