// SPDX-License-Identifier: Apache-2.0
// Configurations for the fuzzer: listeners of every kind with the servers that there happen to be, each method, both families.
import { endpoint } from './addresses.js'
import type { Forwarding, Given, InterfaceName, ProtocolName } from './given.js'
import { mtu, realServer, route, service, sources } from './given.js'
import type { Random } from './random.js'
import { stations } from './scene.js'

const methods: readonly Forwarding[] = ['dr', 'nat', 'fullnat', 'tun']
const [source4 = '', source6 = ''] = stations.in.addresses

/** Some of these are there at a time; the most exact ones always, so that packets have somewhere to go. */
const always: readonly (readonly [protocol: ProtocolName, endpoint: string])[] = [
  ['tcp', '192.0.2.1:80'],
  ['udp', '192.0.2.1:53'],
  ['tcp', '[2001:db8::1]:80'],
  ['udp', '[2001:db8::1]:53'],
]
const sometimes: typeof always = [
  ['tcp', '192.0.2.1:81'],
  ['tcp', '192.0.2.2:80'],
  ['tcp', '192.0.2.0/24:80-90'],
  ['udp', '192.0.2.0/30:50-60'],
  ['tcp', '192.0.2.2:0'],
  ['sctp', '192.0.2.1:2905'],
  ['tcp', '[2001:db8::/64]:80-90'],
  ['udp', '[2001:db8::1]:50-60'],
  ['udp', '[2001:db8::/64]:0'],
  ['sctp', '[2001:db8::1]:2905'],
]

/** A server's address tells its method, and so does the MAC address that packets are sent to. */
export function serverAddress(method: Forwarding, number: number, isIpv6: boolean): string {
  const host = `${1 + methods.indexOf(method)}${number}`
  return isIpv6 ? `fd00::${host}` : `10.0.0.${host}`
}

/** `10.0.0.23` is at 02:00:00:00:04:23, `fd00::23` at 02:00:00:00:06:23. */
function macOf(address: string): string {
  return `02:00:00:00:0${address.includes(':') ? 6 : 4}:${address.slice(-2)}`
}

/** What the configuration is not refused for. */
function methodsFor(protocol: ProtocolName, at: string): readonly Forwarding[] {
  if (at.startsWith('[') && at.includes('/')) return ['dr', 'tun']
  return protocol === 'sctp' ? ['dr', 'nat', 'tun'] : methods
}

function anyInterface(random: Random): InterfaceName {
  return random.pick(['in', 'in', 'in', 'in', 'other', 'other', 'other', 'gone'])
}

/** Where a server is, whatever services it is of. */
interface Place {
  readonly mac: string | null
  readonly on: InterfaceName
}
type Places = Map<string, Place>

function placeOf(random: Random, places: Places, address: string, mac: string): Place {
  const place = places.get(address) ?? { mac: random.once(8) ? null : mac, on: anyInterface(random) }
  places.set(address, place)
  return place
}

function anyServer(
  random: Random,
  places: Places,
  protocol: ProtocolName,
  at: string,
  method: Forwarding,
  number: number,
): Given {
  const own = at.startsWith('[')
  if (method === 'dr' && random.once(12)) return realServer(own ? source6 : source4, null)
  const isIpv6 = method === 'tun' && random.once(4) ? !own : own
  const address = serverAddress(method, number, isIpv6)
  const remapped = (method === 'nat' || method === 'fullnat') && protocol !== 'sctp' && random.once(2)
  const { mac, on } = placeOf(random, places, address, macOf(address))
  return realServer(remapped ? endpoint(address, 8080) : address, mac, {
    weight: random.pick([0, 1, 1, 2, 3]),
    on,
    forwarding: method,
  })
}

function anyService(random: Random, places: Places, [protocol, at]: readonly [ProtocolName, string]): Given[] {
  const allowed = methodsFor(protocol, at)
  const method = random.pick(allowed)
  const stray = random.pick(['reset', 'drop', 'hash'] as const)
  const several = random.once(6) && protocol === 'tcp' && at === '192.0.2.1:81'
  const listeners = several ? [at, '192.0.2.8/29:8000-8100'] : at
  const numbers = [1, 2, 3].filter(() => !random.once(6))
  const used = new Set<string>()
  const servers = numbers
    .map((number) => anyServer(random, places, protocol, at, random.once(5) ? random.pick(allowed) : method, number))
    // the director itself is one server, however often it comes up
    .filter((server) => server.kind === 'server' && !used.has(server.address) && used.add(server.address))
  return [service(listeners, method, { protocol, scheduler: random.pick(['rr', 'wrr']), stray }), ...servers]
}

/** The way to clients, where there is a router. */
function anyRoutes(random: Random): Given[] {
  return ['198.51.100.0/24', '2001:db8:c::/64', '2001:db8:c::2/127', '198.51.100.2/31']
    .filter(() => !random.once(3))
    .sort((a, b) => Number(b.split('/')[1]) - Number(a.split('/')[1]))
    .map((network) => route(network, '02:00:00:00:00:fe', anyInterface(random)))
}

/** The services as they were, with their servers found elsewhere, or not at all. */
function movedServices(random: Random, places: Places, before: readonly Given[]): Given[] {
  return before.flatMap((item): Given[] => {
    if (item.kind === 'service') return [item]
    if (item.kind !== 'server') return []
    if (item.mac === null && stations.in.addresses.includes(item.address)) return [item]
    if (random.once(12)) return []
    const { mac, on } = placeOf(random, places, item.address, macOf(item.address))
    return [{ ...item, mac, interface: on }]
  })
}

/** `before`: what it may be but a small change of. */
export function anyConfiguration(random: Random, before: readonly Given[] = []): Given[] {
  const places: Places = new Map()
  const afresh = before.length === 0 || random.once(3)
  const listeners = [...always, ...sometimes.filter(() => random.once(2))]
  const services = afresh ? listeners.flatMap((each) => anyService(random, places, each)) : movedServices(random, places, before)
  const limits = (['in', 'other'] as const)
    .filter(() => random.once(3))
    .map((on) => mtu(on, random.pick([1280, 1400, 1500, 9000])))
  return [sources(source4, source6), ...services, ...anyRoutes(random), ...limits]
}
