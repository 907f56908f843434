// SPDX-License-Identifier: Apache-2.0
// The data plane's maps, open: descriptors for hashes and counters, memory for the rest.

import type { Layout } from '../abi/codec.js'
import {
  AbiLimit,
  Block,
  ConnectionLine,
  Hops,
  Interface,
  ListenerLine,
  ListenerPlace,
  Load,
  RingLine,
  Server,
  Service,
  Settings,
  Source,
  WideLine,
  WideListenerLine,
} from '../abi/layout.js'
import { openTable, type Table } from '../native/table.js'
import { type MapMemory, mapMemory, namedIndices } from '../native/xlvs.js'
import { type ListenerTable, listenerTable } from './listeners.js'
import { MappedArray, strideOf } from './memory.js'
import type { Loaded } from './program.js'
import type { MapName } from './sizes.js'

export interface Maps {
  readonly services: MappedArray<Service>
  readonly servers: MappedArray<Server>
  readonly listeners: ListenerTable
  /** What each listener is, by its index. */
  readonly places: MappedArray<ListenerPlace>
  readonly blocks: MappedArray<Block>
  readonly hops: MappedArray<Hops>
  readonly sources: MappedArray<Source>
  readonly rings: MappedArray<RingLine>
  readonly loads: MappedArray<Load>
  readonly interfaces: MappedArray<Interface>
  readonly settings: MappedArray<Settings>
  readonly table: Table
  /** Slots of the connection tables. */
  readonly slots: number
  readonly wideSlots: number
  descriptor(name: MapName): number
  entries(name: MapName): number
  /** Bitmaps of the indices that connection slots name. */
  namedIndices(): { listeners: Buffer; servers: Buffer }
}

/** Maps a loaded object's arrays into memory. */
export function openMaps({ object, identity }: Pick<Loaded, 'object' | 'identity'>): Maps {
  const memory = (name: MapName, size: number): MapMemory =>
    mapMemory(object.mapDescriptor(name), strideOf(size) * object.entries(name))
  const loads = memory('loads', Load.size)
  const settings = memory('settings', Settings.size)
  const lines = (name: MapName, size: number) => ({ memory: memory(name, size), count: object.entries(name) })
  const connections = lines('connections', ConnectionLine.size)
  const wideConnections = lines('wide_connections', WideLine.size)
  const listeners = memory('listeners', ListenerLine.size)
  const wideListeners = memory('wide_listeners', WideListenerLine.size)
  const array = <T>(name: MapName, layout: Layout<T>) => new MappedArray(layout, memory(name, layout.size), object.entries(name))
  return {
    listeners: listenerTable(listeners, wideListeners, identity),
    places: array('listener_places', ListenerPlace),
    blocks: array('blocks', Block),
    hops: array('hops', Hops),
    sources: array('sources', Source),
    services: array('services', Service),
    servers: array('servers', Server),
    rings: array('rings', RingLine),
    loads: new MappedArray(Load, loads, object.entries('loads')),
    interfaces: array('interfaces', Interface),
    settings: new MappedArray(Settings, settings, 1),
    table: openTable({ connections, wideConnections, loads, settings }, object.entries('loads')),
    slots: connections.count * AbiLimit.SLOTS_PER_LINE,
    wideSlots: wideConnections.count * AbiLimit.SLOTS_PER_LINE,
    descriptor: (name) => object.mapDescriptor(name),
    entries: (name) => object.entries(name),
    namedIndices: () => namedIndices(connections, wideConnections),
  }
}
