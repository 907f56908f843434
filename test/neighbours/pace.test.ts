// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { questionsFor, refreshInterval } from '../../src/neighbours/pace.js'

t.test('a thousand servers a second are kept fresh, few of them every 1.5 s', async (t) => {
  t.strictSame([1, 1000, 1500, 20_000].map(refreshInterval), [1500, 1500, 1500, 20_000])
})

t.test('four thousand questions a second at most, whatever the pause', async (t) => {
  t.strictSame([0, 1, 25, 250, 10_000].map(questionsFor), [0, 4, 100, 1000, 1000])
})
