// SPDX-License-Identifier: Apache-2.0
// Writes TypeScript codecs for the types that btf.ts describes.
import type { Enumeration, Field, FieldType, Struct } from './btf.js'

/** `server_route` → `ServerRoute`; C has no name spaces, so native/ says `xlvs_` before its own. */
function pascal(name: string): string {
  return name.replace(/^xlvs_/, '').replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** `route_word` → `routeWord` */
function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Padding has a name, so that keys are fully set, but nothing to say. */
function isPadding(field: Field): boolean {
  return field.name === 'zero'
}

function typeOf(type: FieldType): string {
  if (type.kind === 'integer') return type.size === 8 ? 'bigint' : 'number'
  if (type.kind === 'array') return `readonly ${typeOf(type.of)}[]`
  return pascal(type.name)
}

/** DataView's name for an integer: `Uint8`, `Uint16`, `Uint32`, `BigUint64`. */
function accessor(size: number): string {
  return size === 8 ? 'BigUint64' : `Uint${size * 8}`
}

function order(size: number, bigEndian: boolean): string {
  return size === 1 || bigEndian ? '' : ', true'
}

function reading(type: FieldType, at: string): string {
  switch (type.kind) {
    case 'integer':
      return `view.get${accessor(type.size)}(${at}${order(type.size, type.bigEndian)})`
    case 'enum':
      return `view.get${accessor(type.size)}(${at}${order(type.size, false)}) as ${pascal(type.name)}`
    case 'struct':
      return `${pascal(type.name)}.read(view, ${at})`
    case 'array':
      return `Array.from({ length: ${type.length} }, (_, i) => ${reading(type.of, `${at} + i * ${type.of.size}`)})`
  }
}

function writing(type: FieldType, at: string, value: string): string {
  switch (type.kind) {
    case 'integer':
      return `view.set${accessor(type.size)}(${at}, ${value}${order(type.size, type.bigEndian)})`
    case 'enum':
      return `view.set${accessor(type.size)}(${at}, ${value}${order(type.size, false)})`
    case 'struct':
      return `${pascal(type.name)}.write(view, ${at}, ${value})`
    case 'array': {
      const element = writing(type.of, `${at} + i * ${type.of.size}`, `${value}[i] ?? ${zero(type.of)}`)
      return `for (let i = 0; i < ${type.length}; i++) ${element}`
    }
  }
}

/** What a missing element of an array is written as. */
function zero(type: FieldType): string {
  return type.kind === 'struct' ? `${pascal(type.name)}.zero` : type.size === 8 ? '0n' : '0'
}

function emptyValue(type: FieldType): string {
  if (type.kind === 'array') return '[]'
  return type.kind === 'enum' ? `0 as ${pascal(type.name)}` : zero(type)
}

function padding(field: Field, at: string): string {
  if (field.type.kind !== 'array') return writing(field.type, at, zero(field.type))
  return `for (let i = 0; i < ${field.type.size}; i++) view.setUint8(${at} + i, 0)`
}

export function emitEnumeration({ name, values }: Enumeration): string {
  const type = pascal(name)
  return [
    `/** enum ${name} */`,
    `export const ${type} = {`,
    ...values.map(([key, value]) => `  ${key}: ${value},`),
    '} as const',
    `export type ${type} = (typeof ${type})[keyof typeof ${type}]`,
  ].join('\n')
}

export function emitStruct({ name, size, fields }: Struct): string {
  const type = pascal(name)
  const coded = fields.filter((field) => !field.alias && !isPadding(field))
  const at = (field: Field) => (field.offset === 0 ? 'offset' : `offset + ${field.offset}`)
  return [
    `/** struct ${name}, ${size} bytes. */`,
    `export interface ${type} {`,
    ...coded.map((field) => `  readonly ${camel(field.name)}: ${typeOf(field.type)}`),
    '}',
    `export const ${type} = {`,
    `  size: ${size},`,
    '  at: {',
    ...fields.filter((field) => !isPadding(field)).map((field) => `    ${camel(field.name)}: ${field.offset},`),
    '  },',
    '  zero: {',
    ...coded.map((field) => `    ${camel(field.name)}: ${emptyValue(field.type)},`),
    `  } as ${type},`,
    `  read(view: DataView, offset = 0): ${type} {`,
    '    return {',
    ...coded.map((field) => `      ${camel(field.name)}: ${reading(field.type, at(field))},`),
    '    }',
    '  },',
    `  write(view: DataView, offset: number, value: ${type}): void {`,
    ...fields
      .filter((field) => !field.alias)
      .map(
        (field) =>
          `    ${isPadding(field) ? padding(field, at(field)) : writing(field.type, at(field), `value.${camel(field.name)}`)}`,
      ),
    '  },',
    '}',
  ].join('\n')
}

/** A whole module; a struct's codec comes after those it is made of. */
export function emitModule(types: readonly (Struct | Enumeration)[], headers: readonly string[]): string {
  const banner = [
    '// SPDX-License-Identifier: Apache-2.0',
    `// Generated from the BTF of ${headers.join(' and ')} by src/abi/generate.ts: do not edit.`,
    '// An object has the size, the offsets (`at`) and a codec over a DataView; multi-byte fields are little-endian unless they are',
    '// __be16 or __be32, whose numbers are those of the host (port 80 is 80).',
  ].join('\n')
  const parts = inOrder(types).map((type) => (type.kind === 'enum' ? emitEnumeration(type) : emitStruct(type)))
  return `${[banner, ...parts].join('\n\n')}\n`
}

function inOrder(types: readonly (Struct | Enumeration)[]): (Struct | Enumeration)[] {
  const byName = new Map(types.map((type) => [type.name, type]))
  const ordered = new Set<Struct | Enumeration>()
  const visit = (type: Struct | Enumeration) => {
    if (type.kind === 'struct') for (const { type: part } of type.fields) for (const name of namesIn(part)) visit(known(name))
    ordered.add(type)
  }
  const known = (name: string) => {
    const type = byName.get(name)
    if (!type) throw new Error(`${name} is part of a layout but declared in another header`)
    return type
  }
  types.forEach(visit)
  return [...ordered]
}

function namesIn(type: FieldType): string[] {
  if (type.kind === 'integer') return []
  return type.kind === 'array' ? namesIn(type.of) : [type.name]
}
