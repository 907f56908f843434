// SPDX-License-Identifier: Apache-2.0
// What `make test` runs: the tiers one after another, then one line that adds up what they counted.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Totals, total } from './totals.js'

const root = new URL('../../../', import.meta.url).pathname

interface Tier {
  readonly name: string
  /** Folders of test/. */
  readonly folders: (folder: string) => boolean
  readonly options: readonly string[]
}

/** Folders whose tests need root; all others are pure. */
const privileged = new Set(['packets', 'native', 'network'])

const tiers: readonly Tier[] = [
  {
    name: 'pure',
    folders: (folder) => !privileged.has(folder),
    options: ['--jobs=2', '--timeout=60', '--coverage-map=build/js/test/coverage_map.js'],
  },
  {
    name: 'packets',
    folders: (folder) => folder === 'packets' || folder === 'native',
    options: ['--jobs=1', '--timeout=180', '--disable-coverage'],
  },
  { name: 'network', folders: (folder) => folder === 'network', options: ['--jobs=1', '--timeout=180', '--disable-coverage'] },
]

/** The tests of a tier: what has a source, so that a compiled file whose source is gone does not run. */
function testsOf(tier: Tier): string[] {
  return readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && tier.folders(path.split('/')[0] ?? ''))
    .map((path) => `build/js/test/${path.replace(/\.ts$/, '.js')}`)
    .sort()
}

/** tap keeps its records in .tap/, one run's at a time: a second `make test` in this tree waits for the tier to end. */
function run(tier: Tier, record: string): Promise<boolean> {
  const reporter = process.stdout.isTTY ? 'base' : 'min'
  const tap = ['node_modules/.bin/tap', `--reporter=${reporter}`, `--output-file=${record}`, ...tier.options, ...testsOf(tier)]
  const child = spawn('flock', ['build/.tap-lock', ...tap], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)))
}

// An interrupt reaches the tests too, and they take their labs away: what is left to do is to wait for them.
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true
  })
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !tiers.some((tier) => tier.name === name))
if (unknown.length > 0) {
  console.error(`no such tier: ${unknown.join(', ')}; there are ${tiers.map((tier) => tier.name).join(', ')}`)
  process.exit(2)
}
mkdirSync(`${root}build`, { recursive: true })
const records = mkdtempSync(`${root}build/results-`)
const totals: Totals[] = []
for (const tier of tiers.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (interrupted) break
  const started = Date.now()
  const record = `${records}/${tier.name}.tap`
  const ended = await run(tier, record)
  const counted = total([existsSync(record) ? readFileSync(record, 'utf8') : ''])
  // tap's own complaint, as of coverage that is not complete, is one more failure
  totals.push({ ...counted, failed: counted.failed || (ended ? 0 : 1) })
  if (!ended && counted.failed === 0) console.log(`${tier.name}: no test failed, but tap did; is the coverage above complete?`)
  const { passed, failed } = totals.at(-1) as Totals
  console.log(`${tier.name}: ${passed} passed, ${failed} failed, in ${Math.round((Date.now() - started) / 1000)} s`)
}
rmSync(records, { recursive: true })
const passed = totals.reduce((sum, each) => sum + each.passed, 0)
const failed = totals.reduce((sum, each) => sum + each.failed, 0)
const line = `${passed} passed, ${failed} failed`
if (process.env.XLVS_SUMMARY) writeFileSync(process.env.XLVS_SUMMARY, `${line}\n`)
console.log(line)
process.exitCode = interrupted ? 130 : failed === 0 && passed > 0 ? 0 : 1
