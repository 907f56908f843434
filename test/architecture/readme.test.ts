// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import t from 'tap'
import { withTable } from '../network/matrix_table.js'

t.test('the README shows the matrix as it is tried (make matrix writes it)', async (t) => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
  t.equal(readme, withTable(readme))
})

t.test('a README without a place for it is no README', async (t) => {
  t.throws(() => withTable('# xlvs'), /no <!-- matrix -->/)
})
