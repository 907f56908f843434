// SPDX-License-Identifier: Apache-2.0
// generate.js [--check] OBJECT OUTPUT [HEADER…]: writes codecs for every enum and struct that the headers declare, or checks that
// OUTPUT is what would be written. It must not depend on what it makes.
import { readFileSync, writeFileSync } from 'node:fs'
import { readTypes } from './btf.js'
import { emitModule } from './emit.js'

/** The names that a header gives to enums and structs, in its order. */
function declared(header: string): string[] {
  const text = readFileSync(header, 'utf8')
  return [...text.matchAll(/^(?:enum|struct) (\w+) \{/gm)].map((match) => match[1] ?? '')
}

function generate(object: string, headers: readonly string[]): string {
  const names = headers.flatMap(declared)
  const types = readTypes(object, new Set(names))
  const chosen = names.map((name) => {
    const type = types.get(name)
    if (!type)
      throw new Error(`${name} is declared in ${headers.join(' or ')} but is not in the BTF of ${object}: refer to it there`)
    return type
  })
  return emitModule(chosen, headers)
}

/** The first line in which two texts differ, for people. */
function firstDifference(before: string, after: string): string {
  const old = before.split('\n')
  const fresh = after.split('\n')
  const line = fresh.findIndex((text, i) => text !== old[i])
  const at = line < 0 ? fresh.length : line
  return `line ${at + 1}:\n- ${old[at] ?? '(end of file)'}\n+ ${fresh[at] ?? '(end of file)'}`
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const [check, ...rest] = process.argv[2] === '--check' ? [true, ...process.argv.slice(3)] : [false, ...process.argv.slice(2)]
const [object, output, ...headers] = rest
if (object === undefined || output === undefined) {
  console.error('usage: generate.js [--check] OBJECT OUTPUT [HEADER…]')
  process.exit(2)
}
const fresh = generate(object, headers.length > 0 ? headers : ['bpf/abi.h'])
const existing = contents(output)
if (check && existing !== fresh) {
  console.error(`${output} is not what ${object} says; ${firstDifference(existing, fresh)}`)
  console.error(`Write it anew: node build/js/src/abi/generate.js ${[object, output, ...headers].join(' ')}`)
  process.exit(1)
}
if (!check && existing !== fresh) writeFileSync(output, fresh)
