// SPDX-License-Identifier: Apache-2.0
// The journal on disk: `journal` in stateDir grows by a checked line a change; `snapshot` holds what the lines before came to.
import { mkdirSync, readFileSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { parseServices } from '../config/parse.js'
import type { Journal, JournalEntry } from '../director/ports.js'
import type { Recorded } from '../model/history.js'
import { decodeLine, encodeLine } from './journal_line.js'
import { advance, asWritten, type JournalRecord, type Remembered, recordFor, snapshotOf } from './journal_record.js'

/** Bytes of `journal` that bring about a snapshot: some hundred changes. */
const COMPACT_BEYOND = 1_048_576

export interface OpenJournal extends Journal {
  /** What was on the disk when it was opened; undefined on a first start. */
  readonly recorded: Recorded | undefined
  /** Once all appended entries are on the disk. */
  close(): Promise<void>
}

interface Waiting {
  readonly entry: JournalEntry
  resolve(): void
  reject(error: unknown): void
}

/** What `stateDir` remembers. Throws with file and line when it is damaged; a torn last line of `journal` was never in force. */
export function readJournal(stateDir: string): Recorded | undefined {
  return checked(read(stateDir).remembered)
}

/** Makes `stateDir` if need be. Appending goes on after the last whole line. */
export async function openJournal(stateDir: string, compactBeyond = COMPACT_BEYOND): Promise<OpenJournal> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const { remembered, bytes } = read(stateDir)
  const recorded = checked(remembered)
  const file = await open(join(stateDir, 'journal'), 'a', 0o600)
  await file.truncate(bytes)
  await file.sync()
  await syncDirectory(stateDir)
  // The very objects that the director gets, by which the next change is compared.
  const before = remembered && recorded ? { ...remembered, ...recorded } : undefined
  return createJournal(stateDir, file, before, bytes, compactBeyond, recorded)
}

function createJournal(
  stateDir: string,
  file: FileHandle,
  before: Remembered | undefined,
  size: number,
  compactBeyond: number,
  recorded: Recorded | undefined,
): OpenJournal {
  let remembered = before
  let length = size
  let waiting: Waiting[] = []
  let busy = false
  let broken: Error | undefined
  let running = Promise.resolve()

  /** What waits while one group is on its way is the next group. */
  async function drain(): Promise<void> {
    busy = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await write(group.map(({ entry }) => entry))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      if (length > compactBeyond) await compact()
    }
    busy = false
  }

  /** All of them or none: a failed write is taken back, so that the next line begins where a line may begin. */
  async function write(entries: readonly JournalEntry[]): Promise<void> {
    if (broken) throw broken
    let after = remembered
    const lines = entries.map((entry) => {
      const record = recordFor(after, entry)
      after = { ...advance(after, record), services: entry.services }
      return encodeLine(asWritten(record))
    })
    const bytes = Buffer.from(lines.join(''))
    try {
      await file.appendFile(bytes)
      await file.datasync()
    } catch (error) {
      const failure = new Error(`${join(stateDir, 'journal')} could not be written: ${(error as Error).message}`)
      await file.truncate(length).catch(() => {
        broken = failure
      })
      throw failure
    }
    remembered = after
    length += bytes.length
  }

  /** The snapshot first, whole and by its name, and only then are the lines gone; a failure leaves the lines. */
  async function compact(): Promise<void> {
    if (!remembered) return
    try {
      await replace(stateDir, 'snapshot', encodeLine(asWritten(snapshotOf(remembered, new Date().toISOString()))))
      await file.truncate(0)
      await file.sync()
      length = 0
    } catch {
      // The journal is as good as before, only longer: tried again with the next group.
    }
  }

  return {
    recorded,
    append: (entry) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject })
        if (!busy) running = drain()
      }),
    async close() {
      await running
      await file.close()
    },
  }
}

/** Everything on the disk, and how many bytes of `journal` are whole lines. */
function read(stateDir: string): { remembered: Remembered | undefined; bytes: number } {
  const snapshotFile = join(stateDir, 'snapshot')
  const snapshot = linesOf(snapshotFile).reduce<Remembered | undefined>(
    (_, line, index) => advanceBy(undefined, line, snapshotFile, index),
    undefined,
  )
  return readLines(join(stateDir, 'journal'), snapshot)
}

function readLines(path: string, snapshot: Remembered | undefined): { remembered: Remembered | undefined; bytes: number } {
  const lines = linesOf(path)
  let remembered = snapshot
  let bytes = 0
  for (const [index, line] of lines.entries()) {
    if (decodeLine(line.replace(/\n$/, '')) === undefined && index === lines.length - 1) break
    if (!line.endsWith('\n')) break
    remembered = advanceBy(remembered, line, path, index)
    bytes += Buffer.byteLength(line)
  }
  return { remembered, bytes }
}

/** With their line feeds. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').match(/[^\n]*\n|[^\n]+$/g) ?? []
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** A line that a snapshot includes already changes nothing. */
function advanceBy(remembered: Remembered | undefined, line: string, path: string, index: number): Remembered {
  const damaged = (why: string) =>
    new Error(`${path}, line ${index + 1}: ${why}. Restore the file, or move ${path} away to start from the configuration file.`)
  const record = decodeLine(line.replace(/\n$/, '')) as JournalRecord | undefined
  if (record === undefined) throw damaged('is damaged')
  if (remembered && record.number <= remembered.number) return remembered
  try {
    return advance(remembered, record)
  } catch (error) {
    throw damaged((error as Error).message)
  }
}

/** Another version may have accepted what this one does not. */
function checked(remembered: Remembered | undefined): Recorded | undefined {
  if (!remembered) return undefined
  const { fileDigest, base, services } = remembered
  return { fileDigest, base: parseServices(base, 'base'), services: parseServices(services) }
}

/** A file's new contents, whole or not at all, on the disk when this resolves. */
async function replace(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  await syncDirectory(directory)
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
