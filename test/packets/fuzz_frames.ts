// SPDX-License-Identifier: Apache-2.0
// Frames for the fuzzer: sound ones of a few flows; the same with something wrong; noise; each now and then in VLANs.
import type { AtServer } from './conversations.js'
import { faulty, shortened } from './fuzz_faults.js'
import { soundFrame } from './fuzz_flows.js'
import type { Random } from './random.js'

/** Random bytes, some of them behind headers that lead further in. */
function noise(random: Random): Buffer {
  const bytes = random.bytes(14 + random.below(random.once(10) ? 5000 : 150))
  if (random.once(4)) return bytes
  bytes[0] = 2
  return random.once(2) ? noiseBehindIpv4(bytes, random) : noiseBehindIpv6(bytes, random)
}

function noiseBehindIpv4(bytes: Buffer, random: Random): Buffer {
  bytes.set([0x08, 0x00], 12)
  if (bytes.length < 34) return bytes
  bytes[14] = 0x45 + random.below(11)
  if (!random.once(3)) bytes.set([192, 0, 2, 1], 30)
  if (!random.once(3)) bytes[23] = random.pick([1, 4, 6, 17, 41, 132])
  return random.once(3) ? bytes : shortened(bytes)
}

/** The last VIP that flows go to. */
const vip6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]

function noiseBehindIpv6(bytes: Buffer, random: Random): Buffer {
  bytes.set([0x86, 0xdd], 12)
  if (bytes.length < 54) return bytes
  bytes[14] = 0x60
  if (!random.once(3)) bytes.set(vip6, 38)
  if (!random.once(3)) bytes[20] = random.pick([0, 6, 17, 43, 44, 51, 58, 59, 60, 132])
  return random.once(3) ? bytes : shortened(bytes)
}

/** With one to four tags more, of protocols that are meant for tags or are not. */
function tagged(frame: Buffer, random: Random): Buffer {
  const count = random.once(6) ? 3 + random.below(2) : 1 + random.below(2)
  const tags = Array.from({ length: count }, () => {
    const tpid = random.pick([0x8100, 0x8100, 0x88a8, 0x9100])
    return Buffer.from([tpid >> 8, tpid & 255, random.below(256), random.below(256)])
  })
  return Buffer.concat([frame.subarray(0, 12), ...tags, frame.subarray(12)])
}

/** `recent`: what servers have just seen, and may answer. */
export function fuzzFrame(random: Random, recent: readonly AtServer[] = []): Buffer {
  const kind = random.below(10)
  const sound = kind === 0 ? noise(random) : soundFrame(random, recent)
  const early = random.once(12) ? tagged(sound, random) : sound
  const frame = kind <= 6 ? early : faulty(early, random)
  // BPF_PROG_RUN takes frames from 14 bytes.
  return frame.length < 14 ? Buffer.concat([frame, Buffer.alloc(14 - frame.length)]) : frame
}
