// SPDX-License-Identifier: Apache-2.0
// Which files count for coverage: the pure folders, whose coverage is complete, in every test of the pure tier.
import { readdirSync } from 'node:fs'

const sources = new URL('../src/', import.meta.url).pathname

export const pureFolders = ['model', 'config', 'schedule', 'reconcile', 'neighbours']

/** Compiled files of a folder of src/; none if there is no such folder. */
export function filesOf(folder: string): string[] {
  try {
    return readdirSync(`${sources}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .map((file) => `${sources}${folder}/${file}`)
  } catch {
    return []
  }
}

export default (): string[] => pureFolders.flatMap(filesOf)
