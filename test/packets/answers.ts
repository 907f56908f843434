// SPDX-License-Identifier: Apache-2.0
// What the director says itself: RSTs and ICMP errors, to whoever sent what they are about. Each function returns what is wrong.
import { networkAt, type Reading, readFrame, wrongChecksums } from './reading.js'
import { stations } from './scene.js'
import { ICMP, ICMPV6, TCP } from './transport.js'

type Fault = string | undefined

interface Answered {
  readonly asked: Reading
  readonly answer: Reading
}

/** Back to where it came from, by MAC addresses, tags and IP, and sound. */
function answered(sent: Buffer, received: Buffer): Answered | string {
  const [asked, answer] = [readFrame(sent), readFrame(received)]
  if (!asked || !answer) return 'no sound IP header'
  const swapped = received.subarray(0, 6).equals(sent.subarray(6, 12)) && received.subarray(6, 12).equals(sent.subarray(0, 6))
  if (!swapped) return 'its MAC addresses are not swapped'
  const tags = networkAt(sent)?.at as number
  if (networkAt(received)?.at !== tags || !sent.subarray(12, tags).equals(received.subarray(12, tags))) return 'its tags changed'
  if (answer.destination !== asked.source) return `an answer to ${answer.destination}`
  const wrong = wrongChecksums(received, answer).filter((what) => !what.startsWith('quoted'))
  return wrong.length === 0 ? { asked, answer } : `wrong checksum: ${wrong.join(', ')}`
}

export function faultOfReset(sent: Buffer, received: Buffer): Fault {
  const both = answered(sent, received)
  if (typeof both === 'string') return both
  const { asked, answer } = both
  if (answer.protocol !== TCP || answer.source !== asked.destination) return 'no TCP from where it went'
  if (answer.ports?.source !== asked.ports?.destination || answer.ports?.destination !== asked.ports?.source)
    return 'its ports are not swapped'
  return (received[answer.transport + 13] as number) & 0x04 ? undefined : 'it has no RST'
}

/** Of what may be told: time exceeded, and a packet that is too big. */
const told: Readonly<Record<4 | 6, { protocol: number; errors: readonly string[]; longest: number }>> = {
  4: { protocol: ICMP, errors: ['11/0', '3/4'], longest: 576 },
  6: { protocol: ICMPV6, errors: ['3/0', '2/0'], longest: 1280 },
}

/** RFC 1812, 4.3.2 and RFC 4443, 2.4: it quotes what it is about, and is itself not too long. */
export function faultOfIcmp(sent: Buffer, received: Buffer): Fault {
  const both = answered(sent, received)
  if (typeof both === 'string') return both
  const { asked, answer } = both
  const { protocol, errors, longest } = told[answer.version]
  if (![...stations.in.addresses, asked.destination].includes(answer.source)) return `an error of ${answer.source}`
  const error = `${received[answer.transport]}/${received[answer.transport + 1]}`
  if (answer.version !== asked.version || answer.protocol !== protocol) return `protocol ${answer.protocol} is no ICMP`
  if (!errors.includes(error)) return `error ${error}`
  if (answer.end - answer.network > longest) return `an error of ${answer.end - answer.network} bytes`
  const quoted = received.subarray(answer.transport + 8, answer.end)
  const least = Math.min(asked.transport - asked.network + 8, asked.end - asked.network)
  if (quoted.length < least) return `only ${quoted.length} bytes are quoted`
  return sent.subarray(asked.network, asked.end).subarray(0, quoted.length).equals(quoted)
    ? undefined
    : 'it quotes another packet'
}
