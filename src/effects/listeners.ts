// SPDX-License-Identifier: Apache-2.0
// The listeners map, as bpf/service.h reads it: a listener is in one of two lines that the keyed hash of its key names.
import { encode, viewOf } from '../abi/codec.js'
import { AbiLimit, type Identity, Listener, ListenerKey, type ListenerLine, ListenerSlot } from '../abi/layout.js'
import { UserError } from '../model/errors.js'
import type { MappedArray } from './memory.js'

export interface ListenerTable {
  /** Everything that is in it. */
  all(): { key: ListenerKey; value: Listener }[]
  /** Adds a listener, or gives it another value; a packet sees the one or the other. Throws when both of its lines are full. */
  set(key: ListenerKey, value: Listener): void
  /** One that is not there is no error. */
  remove(key: ListenerKey): void
}

interface Place {
  readonly line: number
  readonly slot: number
}

const slotAt = (slot: number, member: 'keyWord' | 'valueWord') => slot * ListenerSlot.size + ListenerSlot.at[member]
const slotNumbers = Array.from({ length: AbiLimit.SLOTS_PER_LINE }, (_, slot) => slot)

/** One writer at a time: whoever holds the lock of pinDir. */
export function listenerTable(lines: MappedArray<ListenerLine>, identity: Identity): ListenerTable {
  const keyAt = ({ line, slot }: Place) => lines.word(line, slotAt(slot, 'keyWord'))

  const places = (word: bigint): Place[] => linesOf(word, identity).flatMap((line) => slotNumbers.map((slot) => ({ line, slot })))

  const find = (word: bigint): Place | undefined => places(word).find((place) => keyAt(place) === word)

  /** In the emptier line, so that none fills up before all do. */
  function findRoom(word: bigint): Place {
    const free = linesOf(word, identity).map((line) =>
      slotNumbers.map((slot) => ({ line, slot })).filter((place) => keyAt(place) === 0n),
    )
    const [place] = free.reduce((best, other) => (other.length > best.length ? other : best))
    if (!place) throw new UserError('tooMany', 'no room for another listener: raise limits.services', [])
    return place
  }

  return {
    all: () =>
      Array.from({ length: lines.entries }, (_, line) => lines.read(line).slots)
        .flat()
        .filter(({ key }) => key.address !== 0),
    set(key, value) {
      const word = wordOf(encode(ListenerKey, key))
      const place = find(word) ?? findRoom(word)
      lines.publish64(place.line, slotAt(place.slot, 'valueWord'), wordOf(encode(Listener, value)))
      lines.publish64(place.line, slotAt(place.slot, 'keyWord'), word)
    },
    remove(key) {
      const place = find(wordOf(encode(ListenerKey, key)))
      if (!place) return
      lines.publish64(place.line, slotAt(place.slot, 'keyWord'), 0n)
      lines.publish64(place.line, slotAt(place.slot, 'valueWord'), 0n)
    },
  }
}

function wordOf(bytes: Buffer): bigint {
  return viewOf(bytes).getBigUint64(0, true)
}

const clip = (word: bigint) => BigInt.asUintN(64, word)

/** keyed_hash of bpf/hash.h. */
export function keyedHash(word: bigint, [add = 0n, first = 1n, second = 1n]: readonly bigint[]): bigint {
  const once = clip((word + add) * first)
  const twice = clip((once ^ (once >> 32n)) * second)
  return twice ^ (twice >> 29n)
}

/** first_listener_line and second_listener_line of bpf/hash.h. */
function linesOf(word: bigint, { seeds, listenerLines }: Identity): readonly [number, number] {
  const hash = keyedHash(word, seeds)
  const mask = BigInt(listenerLines - 1)
  const first = (hash >> 32n) & mask
  const second = (first ^ BigInt.asUintN(32, hash) ^ ((hash & 1n) === 0n ? 1n : 0n)) & mask
  return [Number(first), Number(second)]
}
