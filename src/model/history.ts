// SPDX-License-Identifier: Apache-2.0
// How the configuration file and the changes made through the API become one state.
import { type Change, changes } from './changes.js'
import type { Service } from './desired.js'

/** What the journal remembers. */
export interface Recorded {
  /** Of the configuration file that `base` was read from. */
  readonly fileDigest: string
  /** The services as that file had them. */
  readonly base: readonly Service[]
  /** The same after every change accepted since. */
  readonly services: readonly Service[]
}

export interface Combined {
  readonly services: readonly Service[]
  /** True when the file decided, and so starts a new base. */
  readonly fromFile: boolean
  /** Each API change that the file undoes, in words. */
  readonly undone: readonly string[]
}

/** With the file as it was, the state stands; a changed file wins. */
export function combine(file: { services: readonly Service[]; digest: string }, recorded?: Recorded): Combined {
  if (recorded?.fileDigest === file.digest) return { services: recorded.services, fromFile: false, undone: [] }
  return { services: file.services, fromFile: true, undone: recorded ? undone(recorded, file.services) : [] }
}

/** What differs between state and file in a place that the API changed. */
function undone({ base, services }: Recorded, file: readonly Service[]): string[] {
  const made = changes(base, services).map(({ path }) => path)
  const touched = (path: string) => made.some((other) => isWithin(path, other) || isWithin(other, path))
  return changes(services, file)
    .filter(({ path }) => touched(path))
    .map(inWords)
}

function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`)
}

function inWords({ action, path, before, after }: Change): string {
  if (action === 'add') return `${path} is back`
  if (action === 'remove') return `${path} is gone`
  return `${path} from ${JSON.stringify(before)} to ${JSON.stringify(after)}`
}
