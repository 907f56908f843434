// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { formatSeconds, parseDuration } from '../../src/model/duration.js'

t.test('durations are milliseconds, or none', async (t) => {
  const durations: [string | number, number | undefined][] = [
    ['500ms', 500],
    ['2s', 2000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1.5m', 90_000],
    ['900', 900_000],
    [900, 900_000],
    [0.25, 250],
    [0, 0],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ['', undefined],
    ['5 m', undefined],
    ['5d', undefined],
    ['m', undefined],
    ['1e3s', undefined],
    ['2s3', undefined],
  ]
  for (const [text, milliseconds] of durations) t.equal(parseDuration(text), milliseconds, String(text))
})

t.test('seconds are written so that they parse', async (t) => {
  t.equal(formatSeconds(900), '900s')
  t.equal(parseDuration(formatSeconds(900)), 900_000)
})
