// SPDX-License-Identifier: Apache-2.0
// The listener tables, one for each family: a place is in one of two lines that the keyed hash of its key names, see bpf/hash.h.
import { encode } from '../abi/codec.js'
import {
  Identity,
  Listener,
  ListenerKey,
  type ListenerKind,
  ListenerLine,
  WideListenerKey,
  WideListenerLine,
} from '../abi/layout.js'
import { isIPv6 } from '../model/address.js'
import type { Address } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { ipv4Address, ipv4Number } from '../model/ipv4.js'
import { NativeError } from '../native/library.js'
import { type MapMemory, putListener, putWideListener, removeListener, removeWideListener } from '../native/xlvs.js'
import { decodeAddress, encodeAddress } from './encoding.js'
import { MappedArray } from './memory.js'

/** An address and port that mean something: a listener, an endpoint that replies come from, or a source of ours. */
export interface Place {
  readonly kind: ListenerKind
  readonly address: Address
  readonly port: number
  /** As in an IP header. */
  readonly protocol: number
}

export interface ListenerTable {
  /** Everything that is in it. */
  all(): { place: Place; value: Listener }[]
  /** Adds a place, or gives it another value; a packet sees the one or the other. Throws when both of its lines are full. */
  set(place: Place, value: Listener): void
  /** One that is not there is no error. */
  remove(place: Place): void
}

/** One writer at a time: whoever holds the lock of pinDir. */
export function listenerTable(narrow: MapMemory, wide: MapMemory, identity: Identity): ListenerTable {
  const lines = new MappedArray(ListenerLine, narrow, identity.listenerLines)
  const wideLines = new MappedArray(WideListenerLine, wide, identity.wideListenerLines)
  const whose = encode(Identity, identity)
  return {
    all: () => [...narrowPlaces(lines), ...widePlaces(wideLines)],
    set: (place, value) =>
      unless(
        'ENOSPC',
        () => {
          const bytes = encode(Listener, value)
          if (isIPv6(place.address)) putWideListener(wide, whose, wideKey(place), bytes)
          else putListener(narrow, whose, narrowKey(place), bytes)
        },
        full,
      ),
    remove: (place) =>
      unless(
        'ENOENT',
        () => {
          if (isIPv6(place.address)) removeWideListener(wide, whose, wideKey(place))
          else removeListener(narrow, whose, narrowKey(place))
        },
        () => {},
      ),
  }
}

function narrowPlaces(lines: MappedArray<ListenerLine>) {
  return lines
    .taken()
    .flatMap((line) => lines.read(line).slots)
    .filter(({ key }) => key.address !== 0)
    .map(({ key, value }) => {
      const { kind, port, protocol } = key
      return { place: { kind, address: ipv4Address(key.address), port, protocol }, value }
    })
}

function widePlaces(lines: MappedArray<WideListenerLine>) {
  return lines
    .taken()
    .flatMap((line) => lines.read(line).slots)
    .filter(({ key }) => key.port.taken !== 0)
    .map(({ key, value }) => {
      const { kind, port, protocol } = key.port
      return { place: { kind, address: decodeAddress(key.address), port, protocol }, value }
    })
}

function narrowKey({ kind, address, port, protocol }: Place): Buffer {
  return encode(ListenerKey, { kind, address: ipv4Number(address), port, protocol })
}

function wideKey({ kind, address, port, protocol }: Place): Buffer {
  return encode(WideListenerKey, { address: encodeAddress(address), port: { kind, port, protocol, taken: 1 } })
}

function full(): never {
  throw new UserError('tooMany', 'no room for another listener or endpoint: raise limits.services')
}

/** `otherwise` when the call is refused with `code`. */
function unless(code: string, act: () => void, otherwise: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof NativeError) || error.code !== code) throw error
    otherwise()
  }
}
