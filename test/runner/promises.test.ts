// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import ts from 'typescript'
import { floatingPromises } from './promises.js'

const statements: Record<string, boolean> = {
  'delay(1)': true,
  'void delay(1)': false,
  'await delay(1)': false,
  'kept = delay(1)': false,
  'plain()': false,
  'delay(1).then(plain)': true,
  'delay(1).then(plain, plain)': false,
  'delay(1).catch(plain)': false,
  'kept && delay(1)': true,
  'plain() ?? delay(1)': true,
  '(kept ? delay(1) : delay(2))': true,
  'object.later()': true,
}

t.test('a promise that is left to itself is found, wherever its type comes from', async (t) => {
  const head = `import { setTimeout as delay } from 'node:timers/promises'
function plain(): undefined {}
let kept: Promise<unknown> | undefined
const object: { later(): Promise<void> | undefined } = { later: async () => {} }
`
  const file = `${t.testdir({ 'sample.ts': `${head}${Object.keys(statements).join(';\n')};\nexport {}\n` })}/sample.ts`
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    noEmit: true,
  }
  const found = floatingPromises(ts.createProgram([file], options), (name) => name === file).map(({ text }) =>
    text.replace(/;$/, ''),
  )
  for (const [statement, floating] of Object.entries(statements)) t.equal(found.includes(statement), floating, statement)
})
