// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { hash, type Keyed, maglev, maglevSize } from '../../src/schedule/maglev.js'

const named = (weights: readonly number[]): Keyed[] =>
  weights.map((weight, place) => ({ key: `10.0.${place >> 8}.${place & 255}:80`, weight }))

const keysIn = (ring: Uint16Array, servers: readonly Keyed[]) => [...ring].map((place) => servers[place]?.key)

function counts(ring: Uint16Array, servers: number): number[] {
  const counted = Array<number>(servers).fill(0)
  for (const place of ring) counted[place] = (counted[place] as number) + 1
  return counted
}

t.test('a size for each number of servers', async (t) => {
  const sizes = [1, 12, 13, 51, 52, 204, 205, 819, 820, 65_535].map(maglevSize)
  t.strictSame(sizes, [251, 251, 1021, 1021, 4093, 4093, 16_381, 16_381, 65_537, 65_537])
  t.equal(maglev([]).length, 0)
})

t.test('these rings stay as they are: directors of different versions must agree', async (t) => {
  t.equal(hash('10.0.0.1:80', 0), 3_629_747_543)
  const ring = maglev(named([1, 1, 1]))
  t.equal([...ring.slice(0, 32)].join(''), '02220110021102211221002211200122')
})

t.test('shares of equal servers differ by one slot at most', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (servers) => {
      const counted = counts(maglev(named(Array(servers).fill(1))), servers)
      return Math.max(...counted) - Math.min(...counted) <= 1
    }),
    { numRuns: 30 },
  )
})

t.test('shares are near the weights', async () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(weights, (weights) => {
      const ring = maglev(named(weights))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const exact = weights.map((weight) => (weight / total) * ring.length)
      return counts(ring, weights.length).every((count, server) => Math.abs(count - (exact[server] as number)) <= 2)
    }),
    { numRuns: 50 },
  )
})

t.test('the order of servers does not matter', async () => {
  const shuffled = fc.shuffledSubarray(named([3, 1, 2, 1, 1, 5, 1]), { minLength: 7 })
  const servers = named([3, 1, 2, 1, 1, 5, 1])
  const expected = String(keysIn(maglev(servers), servers))
  fc.assert(fc.property(shuffled, (other) => String(keysIn(maglev(other), other)) === expected))
})

t.test('when a server goes, few slots of the others move', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 50 }), fc.nat(15), (count, gone) => {
      const servers = named(Array(count).fill(1))
      const left = servers.filter((_, place) => place !== gone)
      const before = keysIn(maglev(servers), servers)
      const after = keysIn(maglev(left), left)
      const moved = before.filter((key, slot) => key !== servers[gone]?.key && key !== after[slot]).length
      return before.length === after.length && moved < before.length * 0.1
    }),
    { numRuns: 40 },
  )
})

t.test('one bit of a key changes half the bits of the hash', async (t) => {
  const bits = (number: number) => number.toString(2).replaceAll('0', '').length
  const flips = Array.from({ length: 200 }, (_, host) =>
    bits((hash(`10.0.0.${host}:80`, 7) ^ hash(`10.0.0.${host}:81`, 7)) >>> 0),
  )
  const mean = flips.reduce((sum, count) => sum + count, 0) / flips.length
  t.ok(mean > 14 && mean < 18, `${mean} of 32`)
})
