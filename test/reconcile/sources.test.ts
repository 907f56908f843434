// SPDX-License-Identifier: Apache-2.0
// Full NAT's addresses: slots name them by index, servers by a run of indices.
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { planSources } from '../../src/reconcile/sources.js'
import { desired } from '../model/example.js'

const plan = (sources: string[], actual: ReadonlyMap<number, Address> = new Map(), limit = 4) =>
  planSources({ ...desired(), sources: sources as Address[], limits: { ...desired().limits, sources: limit } }, actual)

const inRun = ({ first, count }: { first: number; count: number }) => `${first}+${count}`

// lists one after another; the indices in the end, and the runs of IPv4 and IPv6
const rows: Record<string, [string[][], string, string]> = {
  none: [[[]], '', '0+0 0+0'],
  'each family one after another': [[['10.0.0.2', 'fd00::2', '10.0.0.3']], '1 10.0.0.2, 2 10.0.0.3, 3 fd00::2', '1+2 3+1'],
  'another order': [
    [
      ['10.0.0.2', '10.0.0.3'],
      ['10.0.0.3', '10.0.0.2'],
    ],
    '1 10.0.0.2, 2 10.0.0.3',
    '1+2 0+0',
  ],
  'what is wanted no more keeps its index, and is not used': [
    [['10.0.0.2', '10.0.0.3'], ['10.0.0.3']],
    '1 10.0.0.2, 2 10.0.0.3',
    '2+1 0+0',
  ],
  'one that comes back has it again': [
    [['10.0.0.2', '10.0.0.3'], ['10.0.0.3'], ['10.0.0.3', '10.0.0.2']],
    '1 10.0.0.2, 2 10.0.0.3',
    '1+2 0+0',
  ],
  'the longest run': [
    [['10.0.0.2'], ['10.0.0.2', 'fd00::2'], ['10.0.0.2', 'fd00::2', '10.0.0.3', '10.0.0.4']],
    '1 10.0.0.2, 2 fd00::2, 3 10.0.0.3, 4 10.0.0.4',
    '3+2 2+1',
  ],
  'the first of equal ones': [
    [
      ['10.0.0.2', '10.0.0.3', '10.0.0.4'],
      ['10.0.0.2', '10.0.0.4'],
    ],
    '1 10.0.0.2, 2 10.0.0.3, 3 10.0.0.4',
    '1+1 0+0',
  ],
}

for (const [name, [lists, indices, runs]] of Object.entries(rows))
  t.test(name, async (t) => {
    let actual: ReadonlyMap<number, Address> = new Map()
    let last = plan([])
    for (const list of lists) {
      const before = actual
      last = plan(list, before)
      const added = [...last.next].filter(([index]) => !before.has(index))
      t.strictSame(
        last.writes,
        added.map(([index, address]) => ({ kind: 'source', index, address })),
      )
      actual = last.next
    }
    t.equal([...actual].map(([index, address]) => `${index} ${address}`).join(', '), indices)
    t.equal(`${inRun(last.runs.IPv4)} ${inRun(last.runs.IPv6)}`, runs)
    const again = plan(lists.at(-1) ?? [], actual)
    t.equal(again.next, actual)
    t.strictSame(again.writes, [])
  })

t.test('all indices are taken: by those that were there before as well', async (t) => {
  const { next } = plan(['10.0.0.2', '10.0.0.3'], new Map(), 2)
  t.throws(() => plan(['10.0.0.4'], next, 2), {
    code: 'tooMany',
    message: 'limits.sources: all 2 sources are in use; those that were there before count as well',
  })
})
