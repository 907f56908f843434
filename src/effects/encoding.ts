// SPDX-License-Identifier: Apache-2.0
// The model's words as the packet program's numbers, and back.
import { macBytes, macText } from '../abi/codec.js'
import { type ConnectionState, type ListenerKey, type Server, ServerFlag, Stray, type VipKey } from '../abi/layout.js'
import type { Address, Protocol, StrayPolicy } from '../model/desired.js'
import { ipv4Address, ipv4Number } from '../model/ipv4.js'
import type { Listener as Listening } from '../model/listener.js'
import { widths } from '../model/network.js'
import type { ServerEntry } from '../reconcile/actual.js'

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 }
const protocolNames = new Map(Object.entries(protocolNumbers).map(([name, number]) => [number, name as Protocol]))

const strayNumbers: Readonly<Record<StrayPolicy, Stray>> = {
  reset: Stray.STRAY_RESET,
  drop: Stray.STRAY_DROP,
  hash: Stray.STRAY_HASH,
}
const strayNames = new Map(Object.entries(strayNumbers).map(([name, number]) => [number, name as StrayPolicy]))

/** IPVS's names, by enum connection_state. */
const stateNames: Readonly<Record<ConnectionState, string>> = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
  'UDP',
  'BUSY',
]

export function stateName(state: ConnectionState): string {
  return stateNames[state]
}

export function strayNumber(policy: StrayPolicy): Stray {
  return strayNumbers[policy]
}

export function strayPolicy(stray: Stray): StrayPolicy {
  return strayNames.get(stray) ?? 'reset'
}

export function encodeListenerKey({ protocol, address, firstPort }: Listening): ListenerKey {
  return { protocol: protocolNumbers[protocol], address: ipv4Number(address), port: firstPort }
}

export function decodeListenerKey(key: ListenerKey): Listening {
  const { address, port } = key
  return {
    protocol: protocolName(key.protocol),
    address: ipv4Address(address),
    prefix: widths.IPv4,
    firstPort: port,
    lastPort: port,
  }
}

export function encodeVipKey(protocol: Protocol, address: Address): VipKey {
  return { protocol: protocolNumbers[protocol], address: ipv4Number(address) }
}

/** `tcp 203.0.113.10` */
export function vipName(key: VipKey): string {
  return `${protocolName(key.protocol)} ${ipv4Address(key.address)}`
}

function protocolName(number: number): Protocol {
  const name = protocolNames.get(number)
  if (!name) throw new Error(`the pinned maps name protocol ${number}, which this version does not know`)
  return name
}

export function encodeServer({ address, port, service, route, eligible, removed }: ServerEntry): Server {
  const flags =
    (eligible ? ServerFlag.SERVER_ELIGIBLE : 0) |
    (route ? ServerFlag.SERVER_REACHABLE : 0) |
    (removed ? ServerFlag.SERVER_REMOVED : 0)
  const mac = route ? macBytes(route.mac) : []
  return { route: { mac, interface: route?.interface ?? 0, flags }, address: ipv4Number(address), port, service }
}

export function decodeServer(index: number, { route, address, port, service }: Server): ServerEntry {
  const has = (flag: number) => (route.flags & flag) !== 0
  const found = { mac: macText(route.mac), interface: route.interface }
  return {
    index,
    address: ipv4Address(address),
    port,
    service,
    ...(has(ServerFlag.SERVER_REACHABLE) ? { route: found } : {}),
    eligible: has(ServerFlag.SERVER_ELIGIBLE),
    removed: has(ServerFlag.SERVER_REMOVED),
  }
}
