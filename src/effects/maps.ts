// SPDX-License-Identifier: Apache-2.0
// The data plane's maps, open: descriptors for hashes and counters, memory for the rest.
import { AbiLimit, ConnectionLine, Interface, ListenerLine, Load, RingLine, Server, Service, Settings } from '../abi/layout.js'
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
  readonly rings: MappedArray<RingLine>
  readonly loads: MappedArray<Load>
  readonly interfaces: MappedArray<Interface>
  readonly settings: MappedArray<Settings>
  readonly table: Table
  /** Slots of the connection table. */
  readonly slots: number
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
  const connections = memory('connections', ConnectionLine.size)
  const lines = object.entries('connections')
  const listeners = memory('listeners', ListenerLine.size)
  return {
    listeners: listenerTable(listeners, identity),
    services: new MappedArray(Service, memory('services', Service.size), object.entries('services')),
    servers: new MappedArray(Server, memory('servers', Server.size), object.entries('servers')),
    rings: new MappedArray(RingLine, memory('rings', RingLine.size), object.entries('rings')),
    loads: new MappedArray(Load, loads, object.entries('loads')),
    interfaces: new MappedArray(Interface, memory('interfaces', Interface.size), object.entries('interfaces')),
    settings: new MappedArray(Settings, settings, 1),
    table: openTable({ connections, loads, settings }, lines, object.entries('loads')),
    slots: lines * AbiLimit.SLOTS_PER_LINE,
    descriptor: (name) => object.mapDescriptor(name),
    entries: (name) => object.entries(name),
    namedIndices: () => namedIndices(connections, lines),
  }
}
