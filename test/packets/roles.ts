// SPDX-License-Identifier: Apache-2.0
// What a director finds in its maps and this version's controller does not write: another director is MASTER; a pool of few ports.
import { encode } from '../../src/abi/codec.js'
import { Listener, ListenerFlag, ListenerKind, PortKey, Settings } from '../../src/abi/layout.js'
import type { Maps } from '../../src/effects/maps.js'
import { readHash, updateHash } from '../../src/native/xlvs.js'

interface OfMaps {
  readonly maps: Maps
}

/** Of every listener: its VIP is another director's for now. */
export function becomesPassive(director: OfMaps): void {
  changeListeners(director, (flags) => flags | ListenerFlag.LISTENER_PASSIVE)
}

/** And is this one's again. */
export function becomesMaster(director: OfMaps): void {
  changeListeners(director, (flags) => flags & ~ListenerFlag.LISTENER_PASSIVE)
}

function changeListeners({ maps }: OfMaps, changed: (flags: number) => number): void {
  const { listeners } = maps
  const other = (value: Listener): Listener => ({ ...value, flags: changed(value.flags) })
  for (const { place, value } of listeners.all())
    if (place.kind === ListenerKind.KIND_LISTENER) listeners.set(place, other(value))
  const map = maps.descriptor('ports')
  const { keys, values, count } = readHash(map, PortKey.size, Listener.size, maps.entries('ports'))
  const view = new DataView(values.buffer, values.byteOffset)
  const all = Array.from({ length: count }, (_, i) => encode(Listener, other(Listener.read(view, i * Listener.size))))
  updateHash(map, keys.subarray(0, count * PortKey.size), Buffer.concat(all), count)
}

/** Full NAT has `count` ports at each source, for each protocol. */
export function poolOf(count: number, first = 1024): (director: OfMaps) => void {
  return ({ maps }) => maps.settings.publish32(0, Settings.at.firstPort, first | (count << 16))
}
