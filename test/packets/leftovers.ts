// SPDX-License-Identifier: Apache-2.0
// What the packet program remembers by itself, and no controller looks into: a test starts without it.
import type { BpfObject } from '../../src/native/libbpf.js'
import { clearOnCpus, deleteFromHash, mapMemory, readHash, updateHash } from '../../src/native/xlvs.js'

/** bpf/fragment.h's notes. */
const NOTE_LINES = 1024
const NOTE_LINE_BYTES = 456
const NOTE_SECONDS = 2
/** bpf/path.h's paths. */
const PATHS_BYTES = 4096 * 24
/** bpf/hops.h's clients on the link: an address, and a MAC address on an interface. */
const CLIENT_BYTES = 16
const PLACE_BYTES = 12

const noteLines = Buffer.from(Uint32Array.from({ length: NOTE_LINES }, (_, line) => line).buffer)
const noNotes = Buffer.alloc(NOTE_LINES * NOTE_LINE_BYTES)

export interface Leftovers {
  forget(): void
  age(seconds: number): void
}

export function leftoversOf(object: BpfObject): Leftovers {
  const paths = mapMemory(object.mapDescriptor('paths'), PATHS_BYTES).bytes()
  const [notes, clients, budget] = ['notes', 'clients_on_link', 'answer_budget'].map((name) => object.mapDescriptor(name)) as [
    number,
    number,
    number,
  ]
  const forgetNotes = () => updateHash(notes, noteLines, noNotes, NOTE_LINES)
  function forget(): void {
    paths.fill(0)
    forgetNotes()
    clearOnCpus(budget, [0], 1)
    const { keys, count } = readHash(clients, CLIENT_BYTES, PLACE_BYTES, object.entries('clients_on_link'))
    if (count > 0) deleteFromHash(clients, keys.subarray(0, count * CLIENT_BYTES), count)
  }
  return {
    forget,
    age: (seconds) => {
      if (seconds > NOTE_SECONDS) forgetNotes()
    },
  }
}
