// SPDX-License-Identifier: Apache-2.0
// Adding up TAP: what several runs' records count together.

export interface Totals {
  readonly passed: number
  readonly failed: number
}

/** Each record ends with tap's own count, `# { total: 5, pass: 4, fail: 1 }`; one without it, or with no test, counts as one failure. */
export function total(records: readonly string[]): Totals {
  let passed = 0
  let failed = 0
  for (const record of records) {
    const counts = /^# \{ (.*) \}$/m.exec(record)?.[1] ?? ''
    const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(counts)?.[1] ?? 0)
    passed += count('pass')
    failed += count('fail') || (count('total') === 0 || /^not ok /m.test(record) ? 1 : 0)
  }
  return { passed, failed }
}
