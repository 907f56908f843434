// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { mergePatch } from '../../src/api/merge_patch.js'

/** The table of RFC 7396, appendix A: target, patch, result. */
const rows: readonly (readonly [target: unknown, patch: unknown, result: unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

for (const [target, patch, result] of rows) {
  t.test(`${JSON.stringify(target)} with ${JSON.stringify(patch)} is ${JSON.stringify(result)}`, async (t) => {
    const before = JSON.stringify(target)
    t.strictSame(mergePatch(target, patch), result)
    t.equal(JSON.stringify(target), before, 'and the target is as it was')
  })
}

t.test('a member named __proto__ stays a member', async (t) => {
  const merged = mergePatch({ a: 1 }, JSON.parse('{"__proto__": {"b": 2}}')) as object
  t.equal(Object.getPrototypeOf(merged), Object.prototype)
  t.same(Object.keys(merged), ['a', '__proto__'])
})
