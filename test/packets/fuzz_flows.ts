// SPDX-License-Identifier: Apache-2.0
// Sound frames of a few flows, so that they meet each other's entries: what clients, servers and routers between them may send.
import type { AtServer } from './conversations.js'
import { ethernet, type Frame } from './frame.js'
import { serverAddress } from './fuzz_configuration.js'
import type { ProtocolName } from './given.js'
import { authentication, destinationOptions, type Extension, fragmentHeader, hopByHop, routing } from './ipv6.js'
import type { Random } from './random.js'
import { stations } from './scene.js'
import { chunkNames, SCTP, TCP, UDP } from './transport.js'

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
  ['tcp', '192.0.2.2', 90],
  ['tcp', '192.0.2.9', 8001],
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

const flags = ['S', 'S', 'S', 'S', 'S', 'S', 'A', 'A', 'A', 'PA', 'FA', 'F', 'R', 'RA', 'SA', '', 'SF', 'FSRPAUEC']
const sizes = [0, 0, 0, 0, 1, 1, 6, 26, 26, 100, 100, 300, 1460, 1460, 9000]

/** Full NAT's ports, few enough to be met by chance. */
export const FIRST_PORT = 2000
export const PORTS = 12

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
  return { protocol, client, clientPort: 40_000 + random.below(8), vip, port }
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
  const hops = random.once(12) ? random.below(3) : 64
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

/** Both ends as a NAT server may see them: most of the time as one has just seen them. */
function atServer(random: Random, { client, clientPort, port }: Flow, recent: readonly AtServer[]): AtServer {
  if (recent.length > 0 && !random.once(4)) return random.pick(recent)
  const isIpv6 = client.includes(':')
  const method = random.pick(['nat', 'nat', 'fullnat'] as const)
  const end = { server: serverAddress(method, 1 + random.below(3), isIpv6), port: random.pick([8080, port]), protocol: TCP }
  if (method === 'nat') return { ...end, client, clientPort }
  return { ...end, client: stations.in.addresses[isIpv6 ? 1 : 0] as string, clientPort: FIRST_PORT + random.below(PORTS) }
}

const protocols: Readonly<Record<number, ProtocolName>> = { [TCP]: 'tcp', [UDP]: 'udp', [SCTP]: 'sctp' }

/** From one of the servers' endpoints, as a reply or as its own traffic. */
function fromServer(random: Random, recent: readonly AtServer[]): Frame {
  const { protocol, server, port, client, clientPort } = atServer(random, anyFlow(random), recent)
  const to = random.once(12) && !client.includes(':') ? '10.1.0.1' : client
  const frame = between(random, server, to).payload(random.pick(sizes))
  return segment(random, frame, random.once(12) ? 'udp' : (protocols[protocol] ?? 'tcp'), port, clientPort)
}

/** A server's long answer, in pieces. */
function fragmentOfServer(random: Random, recent: readonly AtServer[]): Frame {
  return anyPiece(random, fromServer(random, recent).payload(random.pick(sizes)))
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
function errorOfServer(random: Random, recent: readonly AtServer[]): Frame {
  const flow = anyFlow(random)
  const { protocol, server, port, client, clientPort } = atServer(random, flow, recent)
  const forwarded = segment(random, between(random, client, server), protocols[protocol] ?? 'tcp', clientPort, port)
  const router = server.includes(':') ? 'fd00::99' : '10.0.0.99'
  return errorAbout(
    random,
    forwarded,
    random.pick([server, server, router]),
    random.pick([client, client, flow.vip].filter((to) => to.includes(':') === server.includes(':'))),
  )
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
  return anyPiece(random, whole)
}

function anyPiece(random: Random, whole: Frame): Frame {
  const pieces = whole.fragments(random.pick([8, 8, 16, 48, 512, 1480]), random.below(4))
  return random.once(3) ? (pieces[0] as Frame) : random.pick(pieces)
}

/** A tunnel that ends here, or nowhere. */
function tunnelled(random: Random): Frame {
  const to = random.pick(['192.0.2.1', '10.0.0.1', '2001:db8::1', 'fd00::1'])
  return between(random, to.includes(':') ? 'fd00::9' : '10.0.0.9', to).encapsulating(request(random))
}

const kinds: readonly (readonly [share: number, frame: (random: Random, recent: readonly AtServer[]) => Frame])[] = [
  [8, (random) => request(random, anyFlow(random, false))],
  [5, (random) => request(random, anyFlow(random, true))],
  [4, fromServer],
  [1, fragmentOfServer],
  [2, error],
  [1, errorOfServer],
  [1, query],
  [2, fragment],
  [1, tunnelled],
]
const shares = kinds.flatMap(([share, frame]) => Array(share).fill(frame) as (typeof frame)[])

/** A frame that nothing is wrong with. */
export function soundFrame(random: Random, recent: readonly AtServer[] = []): Buffer {
  const frame = random.pick(shares)(random, recent)
  return random.once(2) ? frame.bytes() : frame.padded(60)
}
