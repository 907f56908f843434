// SPDX-License-Identifier: Apache-2.0
// A line of the journal: a checksum, a space, JSON without line feeds.
import { createHash } from 'node:crypto'

/** 64 bits are plenty against chance. */
const DIGITS = 16

export function encodeLine(value: unknown): string {
  const json = JSON.stringify(value)
  return `${checksum(json)} ${json}\n`
}

/** The line's value, or undefined when it is torn or damaged. */
export function decodeLine(line: string): unknown {
  const json = line.slice(DIGITS + 1)
  return line[DIGITS] === ' ' && line.slice(0, DIGITS) === checksum(json) ? JSON.parse(json) : undefined
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, DIGITS)
}
