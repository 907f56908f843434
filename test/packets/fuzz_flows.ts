// SPDX-License-Identifier: Apache-2.0
// Sound frames of a few flows, so that they meet each other's entries: what clients, servers and routers between them may send.
import { ethernet, type Frame } from './frame.js'
import type { ProtocolName } from './given.js'
import { authentication, destinationOptions, type Extension, fragmentHeader, hopByHop, routing } from './ipv6.js'
import type { Random } from './random.js'
import { chunkNames } from './transport.js'

/** Where clients want to go: mostly to listeners that there are. */
type Target = readonly [protocol: ProtocolName, vip: string, port: number]

const targets: readonly Target[] = [
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 80],
  ['tcp', '192.0.2.1', 81],
  ['tcp', '192.0.2.2', 80],
  ['udp', '192.0.2.1', 53],
  ['udp', '192.0.2.1', 53],
  ['udp', '192.0.2.2', 53],
  ['sctp', '192.0.2.1', 2905],
  ['tcp', '192.0.2.1', 22],
  ['tcp', '192.0.2.9', 80],
]

const targets6: readonly Target[] = [
  ['tcp', '2001:db8::1', 80],
  ['tcp', '2001:db8::1', 80],
  ['udp', '2001:db8::1', 53],
  ['udp', '2001:db8::1', 53],
  ['sctp', '2001:db8::1', 2905],
  ['tcp', '2001:db8::1', 22],
  ['udp', '2001:db8::9', 53],
]

const flags = ['S', 'S', 'S', 'A', 'A', 'PA', 'FA', 'F', 'R', 'RA', 'SA', '', 'SF', 'FSRPAUEC']
const sizes = [0, 0, 0, 0, 1, 1, 6, 26, 26, 100, 100, 300, 1460, 1460, 9000]

/** Both ends of a flow. */
interface Flow {
  readonly protocol: ProtocolName
  readonly client: string
  readonly clientPort: number
  readonly vip: string
  readonly port: number
}

function anyFlow(random: Random, six = random.once(2)): Flow {
  const [protocol, vip, port] = random.pick(six ? targets6 : targets)
  const client = six ? `2001:db8:c::${random.below(4)}` : `198.51.100.${random.below(4)}`
  return { protocol, client, clientPort: 40_000 + random.below(16), vip, port }
}

const extensions: readonly ((random: Random) => Extension)[] = [
  (random) => hopByHop(8 * (1 + random.below(4))),
  (random) => destinationOptions(8 * (1 + random.below(40))),
  (random) => routing(random.below(2), random.pick([0, 2, 4, 253])),
  () => authentication(),
  (random) => fragmentHeader({ id: random.below(4) }),
]

/** Mostly none; now and then more than anybody looks at. */
function anyExtensions(random: Random): Extension[] {
  if (!random.once(3)) return []
  const count = random.once(5) ? random.below(20) : 1 + random.below(3)
  return Array.from({ length: count }, () => random.pick(extensions)(random))
}

function anyOptions(random: Random, times: number): { options?: Buffer } {
  return random.once(times) ? { options: random.bytes(4 * random.below(11)) } : {}
}

/** The network header from one end to the other. */
function between(random: Random, from: string, to: string): Frame {
  const hops = random.once(20) ? random.below(3) : 64
  if (from.includes(':')) return ethernet().ipv6(from, to, { hopLimit: hops, extensions: anyExtensions(random) })
  const fragment = random.once(4) ? { fragment: random.pick([0x4000, 0x4000, 0x8000]) } : {}
  return ethernet().ipv4(from, to, { ttl: hops, id: random.below(4), ...anyOptions(random, 4), ...fragment })
}

function segment(random: Random, frame: Frame, protocol: ProtocolName, from: number, to: number): Frame {
  if (protocol === 'udp') return frame.udp(from, to, random.once(6) ? { checksum: 0 } : {})
  if (protocol === 'sctp') return frame.sctp(from, to, random.pick(chunkNames))
  return frame.tcp(from, to, random.pick(flags), { sequence: random.below(2 ** 32), ...anyOptions(random, 4) })
}

function request(random: Random, flow = anyFlow(random)): Frame {
  const frame = between(random, flow.client, flow.vip).payload(random.pick(sizes))
  return segment(random, frame, flow.protocol, flow.clientPort, flow.port)
}

/** As a client's side saw it come from the VIP. */
function answered(random: Random, flow: Flow): Frame {
  const frame = between(random, flow.vip, flow.client).payload(random.pick(sizes))
  return segment(random, frame, flow.protocol, flow.port, flow.clientPort)
}

/** From one of the servers' endpoints, as a reply or as its own traffic. */
function fromServer(random: Random, { protocol, client, clientPort }: Flow): Frame {
  const server = `${client.includes(':') ? 'fd00::1' : '10.0.0.1'}${1 + random.below(3)}`
  const to = random.once(10) ? '10.1.0.1' : client
  const family = to.includes(':') === server.includes(':') ? to : client
  return segment(
    random,
    between(random, server, family).payload(random.pick(sizes)),
    protocol,
    random.pick([8080, 80, 53]),
    clientPort,
  )
}

/** `3/4`: type and code. */
function messages(text: string): (readonly [type: number, code: number])[] {
  return text.split(' ').map((message) => message.split('/').map(Number) as [number, number])
}

const errors = messages('3/0 3/1 3/3 3/4 3/4 3/13 4/0 5/1 11/0 11/1 12/0')
const errors6 = messages('1/0 1/1 1/4 2/0 2/0 3/0 3/1 4/0 4/1')
const queries = messages('0/0 8/0 13/0')
const queries6 = messages('128/0 129/0 133/0 135/0 143/0')

/** An error about any frame, from some router, which quotes as much as it likes; now and then the quoted one is an error itself. */
function errorAbout(random: Random, quoted: Frame, from: string, to: string): Frame {
  const length = random.pick([0, 4, 19, 20, 24, 27, 28, 36, 40, 44, 47, 48, 56, 60, 100, 548, 1232, 65_535])
  const frame = between(random, from, to).quoting(quoted, length)
  const options = { rest: random.pick([0, 68, 576, 1280, 1400, 1500, 65_535]) }
  if (from.includes(':')) return frame.icmpv6(...random.pick(errors6), options)
  return frame.icmp(...random.pick(errors), options)
}

function error(random: Random): Frame {
  const flow = anyFlow(random)
  const router = flow.vip.includes(':') ? '2001:db8:f::1' : '203.0.113.1'
  const from = random.once(2) ? router : flow.client
  const about = random.once(3) ? errorAbout(random, request(random, flow), flow.vip, flow.client) : answered(random, flow)
  return errorAbout(random, random.once(8) ? request(random, flow) : about, from, flow.vip)
}

/** From a server, or a router on its side, about a request that was forwarded. */
function errorOfServer(random: Random): Frame {
  const flow = anyFlow(random)
  const server = `${flow.vip.includes(':') ? 'fd00::1' : '10.0.0.1'}${1 + random.below(3)}`
  const forwarded = segment(
    random,
    between(random, flow.client, server),
    flow.protocol,
    flow.clientPort,
    random.pick([8080, flow.port]),
  )
  return errorAbout(random, forwarded, server, random.pick([flow.client, flow.vip]))
}

function query(random: Random): Frame {
  const { client, vip } = anyFlow(random)
  const frame = between(random, client, vip).payload(random.pick(sizes))
  return vip.includes(':') ? frame.icmpv6(...random.pick(queries6)) : frame.icmp(...random.pick(queries))
}

/** Any piece of a datagram: first, later, tiny, or overlapping another, of few identifications. */
function fragment(random: Random): Frame {
  const flow = anyFlow(random)
  const whole = segment(
    random,
    between(random, flow.client, flow.vip).payload(random.pick(sizes)),
    flow.protocol,
    flow.clientPort,
    flow.port,
  )
  const pieces = whole.fragments(random.pick([8, 8, 16, 48, 512, 1480]), random.below(4))
  return random.once(3) ? (pieces[0] as Frame) : random.pick(pieces)
}

/** A tunnel that ends here, or nowhere. */
function tunnelled(random: Random): Frame {
  const to = random.pick(['192.0.2.1', '10.0.0.1', '2001:db8::1', 'fd00::1'])
  return between(random, to.includes(':') ? 'fd00::9' : '10.0.0.9', to).encapsulating(request(random))
}

const kinds: readonly (readonly [share: number, frame: (random: Random) => Frame])[] = [
  [8, (random) => request(random, anyFlow(random, false))],
  [5, (random) => request(random, anyFlow(random, true))],
  [2, (random) => fromServer(random, anyFlow(random))],
  [2, error],
  [1, errorOfServer],
  [1, query],
  [2, fragment],
  [1, tunnelled],
]
const shares = kinds.flatMap(([share, frame]) => Array(share).fill(frame) as (typeof frame)[])

/** A frame that nothing is wrong with. */
export function soundFrame(random: Random): Buffer {
  const frame = random.pick(shares)(random)
  return random.once(2) ? frame.bytes() : frame.padded(60)
}
