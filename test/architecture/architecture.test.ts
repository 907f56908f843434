// SPDX-License-Identifier: Apache-2.0
// Dependencies point one way, and what is pure stays pure.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const root = new URL('../../../../src/', import.meta.url).pathname

/** What each folder may import besides itself. */
const allowed: Record<string, string[]> = {
  model: [],
  schedule: ['model'],
  reconcile: ['model', 'schedule'],
  neighbours: ['model'],
  config: ['model'],
  abi: [],
  director: ['model', 'schedule', 'reconcile'],
  native: ['abi', 'model', 'reconcile', 'director'],
  effects: ['abi', 'model', 'config', 'reconcile', 'neighbours', 'director', 'native'],
  api: ['model', 'config', 'director'],
  cli: ['model', 'config', 'director', 'api', 'effects', 'native'],
}

/** No I/O and no clock; packages that compute are welcome. */
const pure: Record<string, string[]> = {
  model: ['ipaddr.js'],
  schedule: [],
  reconcile: [],
  neighbours: [],
  config: ['typebox', 'typebox/value', 'typebox/compile', 'js-yaml'],
}

const impure = new Set([
  'process',
  'globalThis',
  'console',
  'performance',
  'crypto',
  'fetch',
  'Buffer',
  'require',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Date',
  'Atomics',
  'SharedArrayBuffer',
])

interface Source {
  readonly folder: string
  readonly path: string
  readonly imports: readonly string[]
  /** Names of the world that it uses. */
  readonly reaches: readonly string[]
}

function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const imports: string[] = []
  const reaches: string[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      imports.push((node.moduleSpecifier as ts.StringLiteral).text)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      imports.push(specifier && ts.isStringLiteral(specifier) ? specifier.text : 'import()')
    }
    if (ts.isIdentifier(node) && impure.has(node.text) && !isOwnName(node)) reaches.push(node.text)
    if (ts.isPropertyAccessExpression(node) && node.getText(file) === 'Math.random') reaches.push('Math.random')
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { folder: path.split('/')[0] as string, path, imports, reaches }
}

/** `entry.process` and `{ process: 1 }` are names of ours. */
function isOwnName(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node)
  )
}

/** What breaks the rules, in words. */
function offences({ folder, path, imports, reaches }: Source): string[] {
  const may = allowed[folder]
  if (!may) return [`${path}: no rule for ${folder}/`]
  const own = imports.filter((name) => name.startsWith('.'))
  const packages = imports.filter((name) => !name.startsWith('.'))
  const wrongWay = own
    .map((name) => normalize(join(dirname(path), name)).split('/')[0] as string)
    .filter((target) => target !== folder && !may.includes(target))
    .map((target) => `${path} imports ${target}/`)
  const computes = pure[folder]
  if (!computes) return wrongWay
  const foreign = packages.filter((name) => !computes.includes(name)).map((name) => `${path} imports ${name}`)
  return [...wrongWay, ...foreign, ...reaches.map((name) => `${path} uses ${name}`)]
}

function sources(): Source[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return files.map((path) => parse(path, readFileSync(join(root, path), 'utf8')))
}

t.test('every file keeps to the rules', async (t) => {
  const all = sources()
  t.ok(all.length > 50, `${all.length} files`)
  t.strictSame(all.flatMap(offences), [])
})

t.test('no folder depends on itself by a detour', async (t) => {
  const reach = (folder: string, seen: string[] = []): string[] =>
    (allowed[folder] ?? []).flatMap((next) => (seen.includes(next) ? [next] : [next, ...reach(next, [...seen, next])]))
  for (const folder of Object.keys(allowed)) t.notOk(reach(folder).includes(folder), folder)
})

// a file, its text, the offence
const offenders: [string, string, string][] = [
  ['reconcile/a.ts', "import { x } from '../effects/journal.js'", 'reconcile/a.ts imports effects/'],
  ['reconcile/a.ts', "import type { Director } from '../director/view.js'", 'reconcile/a.ts imports director/'],
  ['model/a.ts', "export * from '../schedule/index.js'", 'model/a.ts imports schedule/'],
  ['schedule/deep/a.ts', "import '../../api/server.js'", 'schedule/deep/a.ts imports api/'],
  ['api/a.ts', "import { x } from '../reconcile/plan.js'", 'api/a.ts imports reconcile/'],
  ['schedule/a.ts', "import { readFileSync } from 'node:fs'", 'schedule/a.ts imports node:fs'],
  ['schedule/a.ts', "const fs = await import('fs')", 'schedule/a.ts imports fs'],
  ['schedule/a.ts', 'const at = Date.now()', 'schedule/a.ts uses Date'],
  ['schedule/a.ts', 'const luck = Math.random()', 'schedule/a.ts uses Math.random'],
  ['model/a.ts', 'setTimeout(() => {}, 1)', 'model/a.ts uses setTimeout'],
  ['config/a.ts', 'const home = process.env.HOME', 'config/a.ts uses process'],
  ['elsewhere/a.ts', '', 'elsewhere/a.ts: no rule for elsewhere/'],
]

t.test('these would be caught', async (t) => {
  for (const [path, text, offence] of offenders) t.strictSame(offences(parse(path, text)), [offence], offence)
})

t.test('these are fine', async (t) => {
  t.strictSame(offences(parse('model/a.ts', "import ip from 'ipaddr.js'\nconst a = entry.process\nconst b = { Date: 1 }")), [])
  t.strictSame(offences(parse('effects/a.ts', "import fs from 'node:fs'\nDate.now()")), [])
})
