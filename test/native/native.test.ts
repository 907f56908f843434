// SPDX-License-Identifier: Apache-2.0
// The C tests of this folder, as tests among the others: each prints what failed, and how many did not.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** What a test printed and how it ended; a crash is an end too. */
function run(name: string): Promise<{ output: string; code: number | string }> {
  return new Promise((resolve) => {
    execFile(`${root}build/test/${name}`, { cwd: root, timeout: 150_000 }, (error, stdout, stderr) =>
      resolve({ output: stdout + stderr, code: error ? (error.code ?? error.signal ?? 'killed') : 0 }),
    )
  })
}

for (const name of ['table', 'interleave', 'stress']) {
  t.test(name, async (t) => {
    const { output, code } = await run(name)
    const passed = Number(/^(\d+) passed, 0 failed$/m.exec(output)?.[1] ?? 0)
    for (let i = 0; i < passed; i++) t.pass(name)
    t.equal(code, 0, output)
    t.ok(passed > 0, 'it came to its end')
  })
}
