// SPDX-License-Identifier: Apache-2.0
// The listeners map: a listener is in one of two lines that the keyed hash of its key names, see bpf/hash.h.
import { encode } from '../abi/codec.js'
import { Identity, Listener, ListenerKey, ListenerLine } from '../abi/layout.js'
import { UserError } from '../model/errors.js'
import { NativeError } from '../native/library.js'
import { type MapMemory, putListener, removeListener } from '../native/xlvs.js'
import { MappedArray } from './memory.js'

export interface ListenerTable {
  /** Everything that is in it. */
  all(): { key: ListenerKey; value: Listener }[]
  /** Adds a listener, or gives it another value; a packet sees the one or the other. Throws when both of its lines are full. */
  set(key: ListenerKey, value: Listener): void
  /** One that is not there is no error. */
  remove(key: ListenerKey): void
}

/** One writer at a time: whoever holds the lock of pinDir. */
export function listenerTable(memory: MapMemory, identity: Identity): ListenerTable {
  const lines = new MappedArray(ListenerLine, memory, identity.listenerLines)
  const whose = encode(Identity, identity)
  return {
    all: () =>
      Array.from({ length: lines.entries }, (_, line) => lines.read(line).slots)
        .flat()
        .filter(({ key }) => key.address !== 0),
    set: (key, value) =>
      unless('ENOSPC', () => putListener(memory, whose, encode(ListenerKey, key), encode(Listener, value)), full),
    remove: (key) =>
      unless(
        'ENOENT',
        () => removeListener(memory, whose, encode(ListenerKey, key)),
        () => {},
      ),
  }
}

function full(): never {
  throw new UserError('tooMany', 'no room for another listener: raise limits.services')
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
