// SPDX-License-Identifier: Apache-2.0
// What LVS has and this version has not: refused by name, and not as a spelling mistake.
const later: Readonly<Record<string, readonly string[]>> = {
  scheduler: ['lc', 'wlc', 'sed', 'nq', 'fo', 'ovf', 'twos', 'dh', 'sh', 'mh', 'lblc', 'lblcr'],
}

const laterFields: ReadonlySet<string> = new Set(['persistence', 'upperThreshold', 'lowerThreshold'])

/** Is `value` one that this field will take in a later version? */
export function comesLater(field: string, value: unknown): boolean {
  return later[field]?.includes(value as string) ?? false
}

/** Is this the name of a field of a later version? */
export function fieldComesLater(field: string): boolean {
  return laterFields.has(field)
}
