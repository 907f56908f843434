// SPDX-License-Identifier: Apache-2.0
// What `make bench` runs, one after another, so that nothing measures the other: tables here, figures in build/bench.json.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

const programs = ['packet', 'forward', 'flood'] as const

/** Runs to its end, or throws with the command that failed; an interrupt ends this process as well. */
function run(command: string, ...args: string[]): void {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130)
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}`)
}

/** Measures with one of the compiled programs and returns its figures. */
function measure(program: (typeof programs)[number], options: readonly string[]): unknown {
  const file = `build/bench/${program}.json`
  rmSync(file, { force: true })
  run(`build/bench/${program}`, '--json', file, ...options)
  console.log()
  return JSON.parse(readFileSync(file, 'utf8'))
}

function main(quick: boolean): void {
  const figures: Record<string, unknown> = { takenAt: new Date().toISOString() }
  for (const program of programs) {
    const brief = program === 'flood' ? ['--seconds', '2'] : ['--quick']
    figures[program] = measure(program, quick ? brief : [])
  }
  writeFileSync('build/bench.json', `${JSON.stringify(figures, null, 2)}\n`)
  console.log('These figures as JSON: build/bench.json\n')
  console.log('A million connections\n')
  run(process.execPath, 'build/js/bench/scale.js')
  console.log("\nThe controller's own times\n")
  run(process.execPath, 'build/js/bench/control.js')
}

try {
  main(process.argv.includes('--quick'))
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
