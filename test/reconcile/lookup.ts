// SPDX-License-Identifier: Apache-2.0
// Whose packet is it? As bpf/service.h finds it, over plain data.
import type { Address, Protocol } from '../../src/model/desired.js'
import { listenerName } from '../../src/model/listener.js'
import { contains } from '../../src/model/network.js'
import type { ListenerEntry, PortEntry, VipEntry } from '../../src/reconcile/actual.js'

/** What a packet is looked up in. */
export interface Tables {
  /** Of one address and port, by `listenerName`. */
  readonly exact: ReadonlyMap<string, ListenerEntry>
  readonly vips: ReadonlyMap<string, VipEntry>
  /** By `7 tcp 8000/58`. */
  readonly ports: ReadonlyMap<string, PortEntry>
  /** What each listener is, by its index. */
  readonly places: ReadonlyMap<number, ListenerEntry>
  /** Parents of blocks. */
  readonly parents: ReadonlyMap<number, number>
  /** How many blocks packets are told of. */
  readonly blocks: number
}

export interface Probe {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
}

const MAXIMUM_NESTING = 8
const known = new Map<string, boolean>()

function isIn(address: Address, vip: VipEntry): boolean {
  const name = `${address} ${vip.address}/${vip.prefix}`
  const found = known.get(name) ?? contains(vip.address, vip.prefix, address)
  known.set(name, found)
  return found
}

/** The longest prefix around an address. */
export function findVip({ vips }: Tables, address: Address): VipEntry | undefined {
  return [...vips.values()].filter((vip) => isIn(address, vip)).sort((a, b) => b.prefix - a.prefix)[0]
}

function findPort({ ports }: Tables, block: number, { protocol, port }: Probe): PortEntry | undefined {
  for (let bits = 16; bits >= 0; bits--) {
    const first = port - (port % 2 ** (16 - bits))
    const found = ports.get(`${block} ${protocol} ${first}/${bits}`)
    if (found) return found
  }
  return undefined
}

/** The listener as its replies know it, and the service; undefined: the packet is not ours. */
export function findListener(tables: Tables, probe: Probe): { place: ListenerEntry; service: number } | undefined {
  const { protocol, address, port } = probe
  const prefix = address.includes(':') ? 128 : 32
  const exact = tables.exact.get(listenerName({ protocol, address, prefix, firstPort: port, lastPort: port }))
  if (exact) return { place: placeOf(tables, exact.index), service: exact.service }
  const vip = tables.blocks > 0 ? findVip(tables, address) : undefined
  let block = vip?.block || vip?.parent || 0
  for (let level = 0; level < MAXIMUM_NESTING && block !== 0; level++) {
    const found = findPort(tables, block, probe)
    if (found) return { place: placeOf(tables, found.listener), service: found.service }
    block = tables.parents.get(block) ?? 0
  }
  return undefined
}

function placeOf({ places }: Tables, index: number): ListenerEntry {
  const place = places.get(index)
  if (!place) throw new Error(`listener ${index} is nothing`)
  return place
}
