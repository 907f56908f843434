// SPDX-License-Identifier: Apache-2.0
// Checks a value against a schema, and says what is wrong in an administrator's words, at the path as the user wrote it.
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import type { FieldError } from '../model/errors.js'
import { comesLater, fieldComesLater } from './later.js'

/** What the walk below reads of a schema. */
interface Node {
  readonly description?: string
  readonly properties?: Properties
  readonly required?: readonly string[]
  readonly items?: TSchema
  readonly minItems?: number
  readonly maxItems?: number
}

type Properties = Readonly<Record<string, TSchema>>

/** A value read, beside what is wrong with it. */
export interface Read<T> {
  readonly value: T
  readonly errors: readonly FieldError[]
}

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list of anything; empty where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Every difference between `value` and `schema`. */
export function misfits(schema: TSchema, value: unknown, at = ''): FieldError[] {
  const node = schema as Node
  if (node.properties) return misfitsOfFields(node, node.properties, value, at)
  if (node.items) return misfitsOfList(node, node.items, value, at)
  return Check(schema, value) ? [] : [{ path: at, message: refusal(node, value, at) }]
}

function misfitsOfFields(node: Node, properties: Properties, value: unknown, at: string): FieldError[] {
  if (!isFields(value)) return [{ path: at, message: refusal(node, value, at) }]
  const { required = [] } = node
  const missing = required
    .filter((name) => value[name] === undefined)
    .map((name) => ({ path: join(at, name), message: 'is required' }))
  const present = Object.keys(value).flatMap((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!property) return [unknownField(properties, name, at)]
    return value[name] === undefined ? [] : misfits(property, value[name], join(at, name))
  })
  return [...missing, ...present]
}

function misfitsOfList(node: Node, items: TSchema, value: unknown, at: string): FieldError[] {
  if (!Array.isArray(value)) return [{ path: at, message: refusal(node, value, at) }]
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = node
  if (value.length < minItems || value.length > maxItems)
    return [{ path: at, message: `must be ${node.description}, got a list of ${value.length}` }]
  return value.flatMap((item, index) => misfits(items, item, `${at}[${index}]`))
}

function unknownField(properties: Properties, name: string, at: string): FieldError {
  const message = fieldComesLater(name)
    ? 'is not supported by this version'
    : `is not a known field; the fields here are ${Object.keys(properties).join(', ')}`
  return { path: join(at, name), message }
}

function refusal(node: Node, value: unknown, at: string): string {
  const field = at.slice(at.lastIndexOf('.') + 1)
  if (comesLater(field, value)) return `${field} ${value} is not supported by this version; use ${node.description}`
  return `must be ${node.description}, got ${shown(value)}`
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

/** A value as an error message shows it: short, and lists and mappings by kind. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}
