// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { total } from '../totals.js'

const tables: Record<string, [records: string[], passed: number, failed: number]> = {
  'adds records up': [['ok 1\n# { total: 3, pass: 3 }\n', '# { total: 5, pass: 4, fail: 1 }\n'], 7, 1],
  'leaves skipped tests out': [['# { total: 3, pass: 2, skip: 1 }'], 2, 0],
  'counts a run that never finished as a failure': [['ok 1 - a\n'], 0, 1],
  'counts a run without a test as a failure': [['1..0\n# { total: 0 }\n'], 0, 1],
  'counts a crash that no assertion shows': [['not ok 1 - a.js\n# { total: 2, pass: 2 }\n'], 2, 1],
}

for (const [name, [records, passed, failed]] of Object.entries(tables)) {
  t.test(name, async (t) => t.strictSame(total(records), { passed, failed }))
}
