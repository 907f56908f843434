// SPDX-License-Identifier: Apache-2.0

/** Ports whose first `bits` bits are those of `port`. */
export interface PortPrefix {
  readonly port: number
  readonly bits: number
}

const BITS = 16

/** The fewest prefixes that hold the ports from `first` to `last` and no others: 30 at most. */
export function portPrefixes(first: number, last: number): PortPrefix[] {
  const prefixes: PortPrefix[] = []
  for (let port = first; port <= last; ) {
    const size = largestFrom(port, last - port + 1)
    prefixes.push({ port, bits: BITS - Math.log2(size) })
    port += size
  }
  return prefixes
}

/** The largest power of two that divides `port` and is no more than `room`. */
function largestFrom(port: number, room: number): number {
  let size = 1
  while (size * 2 <= room && port % (size * 2) === 0) size *= 2
  return size
}
