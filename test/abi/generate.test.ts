// SPDX-License-Identifier: Apache-2.0
// The generator as `make abi-check` calls it: what is committed is what the object says, and a drift is shown.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'

const root = new URL('../../../../', import.meta.url).pathname
const folder = mkdtempSync(`${tmpdir()}/xlvs-abi-`)
t.teardown(() => rmSync(folder, { recursive: true }))
const committed = readFileSync(`${root}src/abi/layout.ts`, 'utf8')

function generate(...words: string[]) {
  return spawnSync(process.execPath, ['build/js/src/abi/generate.js', ...words], { cwd: root, encoding: 'utf8' })
}

t.test('what is committed is what it writes', async (t) => {
  t.match(generate('build/director.bpf.o', `${folder}/layout.ts`), { status: 0, stderr: '' })
  t.equal(readFileSync(`${folder}/layout.ts`, 'utf8'), committed)
})

t.test('so are the structs that cross FFI', async (t) => {
  const clang = [
    '-O2',
    '-g',
    '-target',
    'bpf',
    '-ffreestanding',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-I/usr/include/x86_64-linux-gnu',
  ]
  const object = `${folder}/layouts.o`
  t.match(spawnSync('clang', [...clang, '-c', 'native/layouts.c', '-o', object], { cwd: root, encoding: 'utf8' }), { status: 0 })
  t.match(generate(object, `${folder}/native.ts`, 'native/shim.h', 'native/table.h'), { status: 0, stderr: '' })
  t.equal(readFileSync(`${folder}/native.ts`, 'utf8'), readFileSync(`${root}src/abi/native.ts`, 'utf8'))
})

t.test('a drift fails the check and is shown; the file stays', async (t) => {
  const drifted = committed.replace('clientPort: 4,', 'clientPort: 6,')
  writeFileSync(`${folder}/drifted.ts`, drifted)
  const { status, stderr } = generate('--check', 'build/director.bpf.o', `${folder}/drifted.ts`)
  t.equal(status, 1)
  t.match(stderr, /line \d+:\n- +clientPort: 6,\n\+ +clientPort: 4,/)
  t.equal(readFileSync(`${folder}/drifted.ts`, 'utf8'), drifted)
})

t.test('a type that the object lost is named', async (t) => {
  writeFileSync(`${folder}/more.h`, 'struct lost {\n};\n')
  const { status, stderr } = generate('build/director.bpf.o', `${folder}/more.ts`, `${folder}/more.h`)
  t.equal(status, 1)
  t.match(stderr, /lost is declared in .*more\.h but is not in the BTF/)
})

t.test('a command line that says too little', async (t) => {
  t.match(generate('--check'), { status: 2, stderr: /^usage/ })
})
