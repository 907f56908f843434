// SPDX-License-Identifier: Apache-2.0
// What the lines of the journal say, and what they come to.
import type { JournalEntry } from '../director/ports.js'
import type { Service } from '../model/desired.js'
import type { Recorded } from '../model/history.js'
import { written } from '../model/written.js'

/** The whole list, in place of all before: a configuration file's, or a snapshot's. */
interface Whole {
  readonly number: number
  readonly time: string
  readonly fileDigest: string
  readonly summary: string
  readonly base: readonly Service[]
  readonly services: readonly Service[]
}

/** One change of the list: at a place, some services go and others come. */
interface Splice {
  readonly number: number
  readonly time: string
  readonly summary: string
  readonly at: number
  readonly removed: number
  readonly added: readonly Service[]
}

/** Records are numbered, so that lines which a snapshot includes are known. */
export type JournalRecord = Whole | Splice

export interface Remembered extends Recorded {
  readonly number: number
}

/** The record that leads from what is remembered to `entry`. */
export function recordFor(before: Remembered | undefined, entry: JournalEntry): JournalRecord {
  const { time, summary, services, fileDigest } = entry
  const number = (before?.number ?? 0) + 1
  if (!before || entry.origin === 'file') return { number, time, fileDigest, summary, base: services, services }
  return { number, time, summary, ...splice(before.services, services) }
}

/** A snapshot of what is remembered. */
export function snapshotOf({ number, fileDigest, base, services }: Remembered, time: string): JournalRecord {
  return { number, time, fileDigest, summary: 'snapshot', base, services }
}

/** As it stands on the disk: services as users write them. */
export function asWritten(record: JournalRecord): object {
  if (!('services' in record)) return { ...record, added: record.added.map(written) }
  return { ...record, base: record.base.map(written), services: record.services.map(written) }
}

/** What is remembered after a record; it must be the next one. */
export function advance(before: Remembered | undefined, record: JournalRecord): Remembered {
  const { number } = record
  if ('services' in record) return { number, fileDigest: record.fileDigest, base: record.base, services: record.services }
  if (!before) throw new Error('a change, but nothing that it changes')
  if (number !== before.number + 1) throw new Error(`change ${number} after change ${before.number}`)
  return { ...before, number, services: before.services.toSpliced(record.at, record.removed, ...record.added) }
}

/** The stretch in which two lists differ; services that are the same object are the same. */
function splice(before: readonly Service[], after: readonly Service[]): Pick<Splice, 'at' | 'removed' | 'added'> {
  const shorter = Math.min(before.length, after.length)
  let at = 0
  while (at < shorter && before[at] === after[at]) at++
  let same = 0
  while (same < shorter - at && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  return { at, removed: before.length - at - same, added: after.slice(at, after.length - same) }
}
