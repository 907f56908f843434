// SPDX-License-Identifier: Apache-2.0
// How a frame goes wrong on its way, or by design.
import type { Random } from './random.js'
import { networkAt, readFrame } from './reading.js'

const interesting = [
  0, 1, 2, 4, 5, 6, 7, 8, 15, 16, 17, 20, 41, 43, 44, 50, 51, 58, 59, 60, 0x45, 0x46, 0x4f, 0x60, 0x7f, 0x80, 132, 0xfe, 0xff,
]
const words = [0, 1, 7, 8, 19, 20, 39, 40, 0x2000, 0x2001, 0x1fff, 0x3fff, 0x7fff, 0x8000, 0xffff]

type Fault = (frame: Buffer, random: Random) => Buffer

const faults: readonly Fault[] = [
  (frame, random) => frame.subarray(0, 14 + random.below(Math.max(1, frame.length - 13))),
  (frame, random) => frame.subarray(0, 14 + random.below(107)),
  (frame, random) => changed(frame, random.below(Math.min(120, frame.length)), random.below(256)),
  (frame, random) => changed(frame, 12 + random.below(Math.min(96, frame.length) - 12), random.pick(interesting)),
  (frame, random) => flipped(frame, random.below(8 * Math.min(120, frame.length))),
  (frame, random) => Buffer.concat([frame, random.bytes(random.below(300))]),
  // cut, and the IP length says so: what is wrong comes to light further up
  (frame, random) => shortened(frame.subarray(0, 34 + random.below(Math.max(1, frame.length - 33)))),
  (frame, random) => shortened(frame.subarray(0, 34 + random.below(80))),
  // one field of IP's header, or of one behind it
  (frame, random) => wordAt(frame, ipAt(frame) + random.pick([2, 4, 6]), random.pick(words)),
  (frame, random) => changed(frame, ipAt(frame), random.pick([0x40, 0x44, 0x45, 0x4f, 0x55, 0x60, 0x65, random.below(256)])),
  (frame, random) => changed(frame, ipAt(frame) + random.pick([6, 7, 8, 9]), random.pick(interesting)),
  extensionLie,
  (frame, random) => wordAt(frame, transportAt(frame) + 2 * random.below(10), random.pick(words)),
  (frame, random) => wordAt(frame, Math.max(12, ipAt(frame) - 2), random.pick([0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806, 0x8847])),
  quotedLie,
]

function changed(frame: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(frame)
  if (at < copy.length) copy[at] = value
  return copy
}

function flipped(frame: Buffer, bit: number): Buffer {
  return changed(frame, bit >> 3, (frame[bit >> 3] as number) ^ (1 << (bit & 7)))
}

function wordAt(frame: Buffer, at: number, value: number): Buffer {
  return changed(changed(frame, at, value >> 8), at + 1, value & 255)
}

function ipAt(frame: Buffer): number {
  return networkAt(frame)?.at ?? 14
}

function transportAt(frame: Buffer): number {
  return readFrame(frame)?.transport ?? ipAt(frame) + 20
}

/** The length of an extension header, or what it says comes next. */
function extensionLie(frame: Buffer, random: Random): Buffer {
  const reading = readFrame(frame)
  const behind = ipAt(frame) + 40
  const length = Math.max(1, (reading?.transport ?? behind) - behind)
  return changed(
    frame,
    behind + random.pick([0, 1, 8 * random.below(Math.ceil(length / 8) + 1) + random.below(2)]),
    random.pick(interesting),
  )
}

/** Something in what an ICMP error quotes. */
function quotedLie(frame: Buffer, random: Random): Buffer {
  const { quoted } = readFrame(frame) ?? {}
  const [from, to] = quoted ? [quoted.network, Math.min(quoted.end, quoted.network + 64)] : [ipAt(frame), frame.length]
  return changed(frame, from + random.below(Math.max(1, to - from)), random.pick(interesting))
}

/** With the length that IP's header should have for this. */
export function shortened(frame: Buffer): Buffer {
  const at = ipAt(frame)
  const copy = Buffer.from(frame)
  const six = (copy[at] ?? 0) >> 4 === 6
  const [field, length] = six ? [at + 4, copy.length - at - 40] : [at + 2, copy.length - at]
  if (copy.length >= field + 2 && length >= 0) copy.writeUInt16BE(Math.min(length, 0xffff), field)
  return copy
}

/** With one to three things wrong. */
export function faulty(frame: Buffer, random: Random): Buffer {
  let wrong = frame
  for (let left = 1 + random.below(3); left > 0; left--) wrong = random.pick(faults)(wrong, random)
  return wrong
}
