// SPDX-License-Identifier: Apache-2.0
// The interfaces, addresses and routes of this network namespace, as the kernel lists them.
import { decodeAll, type Layout } from '../abi/codec.js'
import { Address as AddressEntry, Device, Route as RouteEntry, RouteKind } from '../abi/native.js'
import type { Family } from '../model/address.js'
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import { addressOf } from '../model/network.js'
import { hasPolicy, listAddresses, listDevices, listRoutes, MOST } from '../native/surroundings.js'
import type { InterfaceAddress, Link } from '../neighbours/path.js'
import type { Route, Routes, Table } from '../neighbours/routes.js'

/** Decodes what `list` gives, and gives the same object again as long as the bytes stay the same. */
function remembered<T>(layout: Layout<T>, list: () => Buffer): () => readonly T[] {
  let bytes = Buffer.alloc(0)
  let decoded: readonly T[] = []
  return () => {
    const now = list()
    if (now.equals(bytes)) return decoded
    bytes = Buffer.from(now)
    decoded = decodeAll(layout, bytes, bytes.length / layout.size)
    return decoded
  }
}

const devices = remembered(Device, listDevices)
const addresses = remembered(AddressEntry, listAddresses)
const routes = {
  IPv4: remembered(RouteEntry, () => listRoutes('IPv4')),
  IPv6: remembered(RouteEntry, () => listRoutes('IPv6')),
}

/** `decide` again only when one of its arguments is another than last time. */
function derived<A extends readonly unknown[], T>(decide: (...from: A) => T): (...from: A) => T {
  let last: { readonly from: A; readonly made: T } | undefined
  return (...from) => {
    if (!last || last.from.some((each, i) => each !== from[i])) last = { from, made: decide(...from) }
    return last.made
  }
}

const namesOf = derived(
  (list: readonly Device[]) => new Map(list.map(({ index, name }) => [index, Buffer.from(name).toString().replace(/\0.*/s, '')])),
)

/** Addresses by interface, of interfaces that are up; without those that may be somebody else's. */
const localAddresses = derived((list: readonly Device[], entries: readonly AddressEntry[]) => {
  const found = new Map<number, InterfaceAddress[]>(list.filter(({ up }) => up).map(({ index }) => [index, []]))
  for (const { interface: index, address, prefix, tentative, deprecated } of entries)
    if (!tentative) found.get(index)?.push({ address: addressOf(address), prefix, ...(deprecated ? { deprecated: true } : {}) })
  return found
})

const ownOf = derived(
  (list: ReadonlyMap<number, readonly InterfaceAddress[]>): ReadonlySet<Address> =>
    new Set([...list.values()].flat().map(({ address }) => address)),
)

/** Every address of this machine, of interfaces that are up. */
export function ownAddresses(): ReadonlySet<Address> {
  return ownOf(localAddresses(devices(), addresses()))
}

/** The attached interfaces that are up, with their addresses. */
export function linksOf(attached: readonly Attached[]): Link[] {
  const list = devices()
  const local = localAddresses(list, addresses())
  return attached.flatMap(({ name, ifindex, mac }) => {
    const here = local.get(ifindex)
    return here ? [{ name, mac, mtu: list.find(({ index }) => index === ifindex)?.mtu ?? 0, addresses: here }] : []
  })
}

const kinds: Readonly<Record<RouteKind, Route['kind']>> = {
  [RouteKind.XLVS_ROUTE_OTHER]: 'prohibit',
  [RouteKind.XLVS_ROUTE_UNICAST]: 'unicast',
  [RouteKind.XLVS_ROUTE_LOCAL]: 'local',
  [RouteKind.XLVS_ROUTE_BLACKHOLE]: 'blackhole',
  [RouteKind.XLVS_ROUTE_UNREACHABLE]: 'unreachable',
  [RouteKind.XLVS_ROUTE_PROHIBIT]: 'prohibit',
  [RouteKind.XLVS_ROUTE_THROW]: 'throw',
}

const tables: Readonly<Record<number, Table>> = { 255: 'local', 254: 'main', 253: 'default' }

const isZero = (bytes: readonly number[]) => bytes.every((byte) => byte === 0)

function routeOf(entry: RouteEntry, names: ReadonlyMap<number, string>): Route {
  const { network, prefix, table, kind, gateway, source, metric } = entry
  const name = names.get(entry.interface)
  return {
    network: addressOf(network),
    prefix,
    table: tables[table] ?? 'main',
    kind: kinds[kind],
    metric,
    ...(isZero(gateway) ? {} : { gateway: addressOf(gateway) }),
    ...(isZero(source) ? {} : { source: addressOf(source) }),
    ...(name === undefined ? {} : { interface: name }),
  }
}

const routesOf = (entries: readonly RouteEntry[], names: ReadonlyMap<number, string>, policy: boolean): Routes => ({
  routes: entries.slice(0, MOST.routes).map((entry) => routeOf(entry, names)),
  more: entries.length > MOST.routes,
  policy,
})

const decoded = { IPv4: derived(routesOf), IPv6: derived(routesOf) }

/** The routes as they are; the same object as long as they stay the same. */
export function readRoutes(family: Family): Routes {
  return decoded[family](routes[family](), namesOf(devices()), hasPolicy(family))
}
