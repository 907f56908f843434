// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { type Candidate, layOut, scheduleWarning } from '../../src/schedule/index.js'
import { roundShares } from '../../src/schedule/ratio.js'
import { EXACT_SLOTS, wrr } from '../../src/schedule/wrr.js'

const letters = 'ABCDEFGHIJ'

/** A, B, C … with these weights; index 1 is A. */
function candidates(weights: readonly number[]): Candidate[] {
  return weights.map((weight, place) => ({ name: `10.0.${place >> 8}.${place & 255}:80`, index: place + 1, weight }))
}

/** The picks of one turn, as letters. */
function picks(scheduler: 'rr' | 'wrr', ...weights: number[]): string {
  const positive = candidates(weights).filter(({ weight }) => weight > 0)
  return [...layOut(scheduler, positive).ring].map((index) => letters[index - 1]).join('')
}

// spec: what IPVS picks for these weights, and no others
const golden: [string, 'rr' | 'wrr', number[], string][] = [
  ['weights 4, 3, 2', 'wrr', [4, 3, 2], 'AABABCABC'],
  ['one heavy server', 'wrr', [5, 1, 1], 'AAAAABC'],
  ['a common divisor', 'wrr', [10, 5], 'AAB'],
  ['a quiesced server', 'wrr', [3, 0, 2], 'AACAC'],
  ['a smaller common divisor', 'wrr', [6, 4], 'AABAB'],
  ['equal weights', 'wrr', [7, 7, 7], 'ABC'],
  ['the heaviest last', 'wrr', [1, 2, 3], 'CBCABC'],
  ['one server', 'wrr', [1000], 'A'],
  ['nobody', 'wrr', [0, 0], ''],
  ['rr ignores weights', 'rr', [4, 3, 2], 'ABC'],
  ['rr skips a quiesced server', 'rr', [1, 0, 1], 'AC'],
  ['rr of nobody', 'rr', [], ''],
]

t.test('turns are exactly those of IPVS', async (t) => {
  for (const [name, scheduler, weights, expected] of golden) t.equal(picks(scheduler, ...weights), expected, name)
})

t.test('an ineligible server is skipped in the ring', async (t) => {
  const skipped = [...picks('wrr', 4, 3, 2)].filter((letter) => letter !== 'B').join('')
  t.equal(skipped, 'AAACAC', 'weights 4, 3, 2 with B overloaded')
})

/** IPVS's own scan, slot by slot. */
function scan(weights: readonly number[]): number[] {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
  const step = weights.reduce(gcd, 0)
  const most = Math.max(...weights)
  const turn: number[] = []
  for (let level = most; level > 0; level -= step)
    for (const [server, weight] of weights.entries()) if (weight >= level) turn.push(server)
  return turn
}

const weightsOf = (most: number) => fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 12 })

t.test('wrr is IPVS’s scan for any weights', async () => {
  fc.assert(fc.property(weightsOf(40), (weights) => String(wrr(weights).ring) === String(scan(weights))))
})

t.test('in a turn each server comes weight / gcd times', async () => {
  fc.assert(
    fc.property(weightsOf(500), fc.integer({ min: 1, max: 9 }), (weights, factor) => {
      const { ring, shares, warning } = wrr(weights.map((weight) => weight * factor))
      const counted = weights.map((_, server) => ring.filter((other) => other === server).length)
      const [first, heaviness] = [counted[0] as number, weights[0] as number]
      const inRatio = counted.every((count, server) => count * heaviness === first * (weights[server] as number))
      return warning === undefined && String(shares) === String(counted) && inRatio
    }),
  )
})

t.test('beyond 65,536 slots the nearest ratio comes with a warning', async (t) => {
  const { ring, warning } = wrr([2_147_483_647, 2_147_483_646, 1])
  t.ok(ring.length <= EXACT_SLOTS)
  const count = (server: number) => ring.filter((other) => other === server).length
  t.ok(Math.abs(count(0) - count(1)) <= 1)
  t.equal(count(2), 1, 'nobody is left out')
  t.match(warning, /^the weights need 4294967294 turns; rounded to \d+, the worst share is off by/)
  t.equal(wrr([65_535, 1]).warning, undefined, 'exactly as many are exact')
  t.match(wrr([65_536, 1]).warning, /need 65537 turns/)
})

t.test('rounded shares fit, leave nobody out and stay near', async () => {
  const heavy = fc.array(fc.integer({ min: 1, max: 2_147_483_647 }), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(heavy, (weights) => {
      const slots = 1000
      const shares = roundShares(weights, slots)
      const sum = shares.reduce((total, share) => total + share, 0)
      const total = weights.reduce((total, weight) => total + weight, 0)
      const near = weights.every((weight, server) => {
        const exact = (weight / total) * sum
        return exact < 1.5 || Math.abs((shares[server] as number) - exact) <= 1 + exact * (weights.length / slots)
      })
      return sum <= slots && shares.every((share) => share >= 1 && Number.isInteger(share)) && near
    }),
  )
})

t.test('the look-ahead is the ring, but at least 1 and at most 1024', async (t) => {
  t.equal(layOut('rr', []).lookahead, 1)
  t.equal(layOut('wrr', candidates([4, 3, 2])).lookahead, 9)
  t.equal(layOut('rr', candidates(Array(2000).fill(1))).lookahead, 1024)
})

t.test('both rings name indices of the maps', async (t) => {
  const { ring, hashRing } = layOut('wrr', [
    { name: 'a', index: 700, weight: 1 },
    { name: 'b', index: 65_535, weight: 1 },
  ])
  t.strictSame([...ring], [700, 65_535])
  t.strictSame([...new Set(hashRing)].sort(), [65_535, 700])
})

t.test('rr has equal shares in the flow-hash ring, wrr its weights', async (t) => {
  const share = (ring: Uint16Array) => ring.filter((index) => index === 1).length / ring.length
  t.ok(Math.abs(share(layOut('rr', candidates([9, 1])).hashRing) - 0.5) < 0.01)
  t.ok(Math.abs(share(layOut('wrr', candidates([9, 1])).hashRing) - 0.9) < 0.01)
})

t.test('warnings are of weights, whoever is up', async (t) => {
  t.equal(scheduleWarning('wrr', [4, 3, 0]), undefined)
  t.match(scheduleWarning('wrr', [1_000_003, 0, 7]), /rounded/)
  t.equal(scheduleWarning('rr', [1_000_003, 7]), undefined)
})
