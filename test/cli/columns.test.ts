// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { type Column, table } from '../../src/cli/columns.js'

const columns: readonly Column<readonly [string, string]>[] = [
  { title: 'NAME', show: ([name]) => name },
  { title: 'N', show: ([, number]) => number, right: true },
]

t.test('columns are as wide as their widest cell, numbers to the right', async (t) => {
  const rows = [
    ['web', '1'],
    ['a-longer-name', '1,234'],
  ] as const
  t.equal(table(columns, rows), 'NAME               N\nweb                1\na-longer-name  1,234\n')
})

t.test('no line ends in blanks, and nothing is shown as a dash', async (t) => {
  const [name, number] = columns
  if (!name || !number) return
  t.equal(table([number, name], [['', '7']]), 'N  NAME\n7  -\n')
})

t.test('a table without rows has its titles', async (t) => t.equal(table(columns, []), 'NAME  N\n'))
