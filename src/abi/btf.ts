// SPDX-License-Identifier: Apache-2.0
// Reads the types of a compiled object from its BTF, as bpftool prints it, into plain descriptions.
import { execFileSync } from 'node:child_process'

export type FieldType =
  | { readonly kind: 'integer'; readonly size: number; readonly bigEndian: boolean }
  | { readonly kind: 'enum'; readonly name: string; readonly size: number }
  | { readonly kind: 'struct'; readonly name: string; readonly size: number }
  | { readonly kind: 'array'; readonly of: FieldType; readonly length: number; readonly size: number }

export interface Field {
  readonly name: string
  readonly offset: number
  readonly type: FieldType
  /** Another view of bytes that the field before already covers: the second member of a union. */
  readonly alias: boolean
}

export interface Struct {
  readonly kind: 'struct'
  readonly name: string
  readonly size: number
  readonly fields: readonly Field[]
}

export interface Enumeration {
  readonly kind: 'enum'
  readonly name: string
  readonly values: readonly (readonly [name: string, value: number])[]
}

interface BtfMember {
  readonly name: string
  readonly type_id: number
  readonly bits_offset: number
}

interface BtfType {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly size?: number
  readonly type_id?: number
  readonly nr_elems?: number
  readonly values?: readonly { readonly name: string; readonly val: number }[]
  readonly members?: readonly BtfMember[]
}

/** Those of these enums and structs that an object's BTF has, by name. Throws for a member that has no counterpart here. */
export function readTypes(object: string, names: ReadonlySet<string>): ReadonlyMap<string, Struct | Enumeration> {
  const text = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', object], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const { types } = JSON.parse(text) as { types: readonly BtfType[] }
  const byId = new Map(types.map((type) => [type.id, type]))
  return new Map(
    types
      .filter((type) => names.has(type.name) && (type.kind === 'STRUCT' || type.kind === 'ENUM'))
      .map((type) => [type.name, type.kind === 'ENUM' ? enumeration(type) : struct(type, byId)]),
  )
}

function enumeration(type: BtfType): Enumeration {
  return { kind: 'enum', name: type.name, values: (type.values ?? []).map(({ name, val }) => [name, val] as const) }
}

function struct(type: BtfType, byId: ReadonlyMap<number, BtfType>): Struct {
  return { kind: 'struct', name: type.name, size: type.size ?? 0, fields: fieldsOf(type, 0, byId) }
}

/** A struct's fields; those of an anonymous union stand beside the others, the first of them being the one to decode. */
function fieldsOf(type: BtfType, base: number, byId: ReadonlyMap<number, BtfType>): Field[] {
  return (type.members ?? []).flatMap((member, position) => {
    const offset = base + member.bits_offset / 8
    const inner = byId.get(member.type_id)
    if (member.name === '(anon)' && inner) return fieldsOf(inner, offset, byId)
    const alias = type.kind === 'UNION' && position > 0
    return [{ name: member.name, offset, type: resolve(member.type_id, byId, `${type.name}.${member.name}`), alias }]
  })
}

/** Follows typedefs to what is stored; `__be16` and `__be32` tell the byte order by their names. */
function resolve(id: number, byId: ReadonlyMap<number, BtfType>, where: string, bigEndian = false): FieldType {
  const type = byId.get(id)
  const size = type?.size ?? 0
  switch (type?.kind) {
    case 'TYPEDEF':
      return resolve(type.type_id ?? 0, byId, where, bigEndian || type.name.startsWith('__be'))
    case 'CONST':
    case 'VOLATILE':
      return resolve(type.type_id ?? 0, byId, where, bigEndian)
    case 'INT':
      return { kind: 'integer', size, bigEndian }
    case 'ENUM':
      return { kind: 'enum', name: type.name, size }
    case 'STRUCT':
      return { kind: 'struct', name: type.name, size }
    case 'ARRAY': {
      const of = resolve(type.type_id ?? 0, byId, where, bigEndian)
      return { kind: 'array', of, length: type.nr_elems ?? 0, size: of.size * (type.nr_elems ?? 0) }
    }
    default:
      throw new Error(`${where}: no codec for a ${type?.kind ?? 'missing type'}`)
  }
}
