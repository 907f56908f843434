// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { portPrefixes } from '../../src/reconcile/port_prefixes.js'

//   first, last, prefixes
const rows: [number, number, string][] = [
  [80, 80, '80/16'],
  [0, 65_535, '0/0'],
  [1, 65_535, '1/16 2/15 4/14 8/13 16/12 32/11 64/10 128/9 256/8 512/7 1024/6 2048/5 4096/4 8192/3 16384/2 32768/1'],
  [8000, 8100, '8000/10 8064/11 8096/14 8100/16'],
  [8001, 8002, '8001/16 8002/16'],
]

for (const [first, last, expected] of rows)
  t.test(`${first}-${last}`, async (t) => {
    t.equal(
      portPrefixes(first, last)
        .map(({ port, bits }) => `${port}/${bits}`)
        .join(' '),
      expected,
    )
  })

t.test('a range has exactly its ports, each once, in no more than 30', async (t) => {
  const ranges = fc.tuple(fc.nat(65_535), fc.nat(65_535)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  const exactly = fc.property(ranges, ([first, last]) => {
    const prefixes = portPrefixes(first, last)
    let next = first
    for (const { port, bits } of prefixes) {
      const size = 2 ** (16 - bits)
      if (port !== next || port % size !== 0) return false
      next = port + size
    }
    return next === last + 1 && prefixes.length <= 30
  })
  t.doesNotThrow(() => void fc.assert(exactly, { numRuns: 1000, examples: [[[1, 65_534]]] }))
  t.equal(portPrefixes(1, 65_534).length, 30)
})
