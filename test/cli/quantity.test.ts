// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { bytes, count, duration, percent, rate } from '../../src/cli/quantity.js'

const rows: readonly (readonly [shown: string, expected: string])[] = [
  [count(0), '0'],
  [count(999), '999'],
  [count(12_345), '12,345'],
  [count(99_999), '99,999'],
  [count(100_000), '100k'],
  [count(999_400), '999k'],
  [count(999_600), '1M'],
  [count(5_678_901), '5.68M'],
  [count(2 ** 64), '18.4E'],
  [rate(0), '0'],
  [rate(0.04), '0.04'],
  [rate(0.001), '0'],
  [rate(12.5), '12.5'],
  [rate(999.9), '1k'],
  [rate(1500), '1.5k'],
  [bytes(512), '512B'],
  [bytes(33_554_432), '33.6MB'],
  [percent(1, 8), '12.5 %'],
  [percent(0, 0), '0.0 %'],
  [duration(0), '0s'],
  [duration(0.9), '0s'],
  [duration(59), '59s'],
  [duration(60), '1min'],
  [duration(899), '14min 59s'],
  [duration(3600), '1h'],
  [duration(3605), '1h'],
  [duration(93_784), '1d 2h'],
]

for (const [shown, expected] of rows) t.test(expected, async (t) => t.equal(shown, expected))
