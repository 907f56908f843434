// SPDX-License-Identifier: Apache-2.0
// native/ with AddressSanitizer and UndefinedBehaviorSanitizer.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'

const root = new URL('../../../../', import.meta.url).pathname
const folder = mkdtempSync(`${tmpdir()}/xlvs-native-`)
t.teardown(() => rmSync(folder, { recursive: true }))
const native = readdirSync(`${root}native`).filter((name) => name.endsWith('.c'))
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer']

for (const name of ['shim', 'heard'])
  t.test(`what comes from outside does no harm: ${name}`, async (t) => {
    const sources = [`test/native/${name}.c`, ...native.map((name) => `native/${name}`)]
    const words = ['-std=gnu11', '-O1', '-g', '-Wall', '-Wextra', '-Werror', ...sanitizers, ...sources]
    const compiled = spawnSync('cc', [...words, '-o', `${folder}/${name}`, '-lbpf', '-lmnl'], { cwd: root, encoding: 'utf8' })
    t.match(compiled, { status: 0, stderr: '' }, 'it compiles')
    t.match(spawnSync(`${folder}/${name}`, [`${root}build/director.bpf.o`], { encoding: 'utf8' }), {
      status: 0,
      stdout: '',
      stderr: '',
    })
  })
