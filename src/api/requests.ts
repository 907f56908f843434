// SPDX-License-Identifier: Apache-2.0
// How requests come in: JSON alone, bodies parsed by config/ (the file's own rules and messages), queries by their schema.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { misfits } from '../config/shape.js'
import { type FieldError, UserError } from '../model/errors.js'
import { told } from './errors.js'

/** Takes application/json and merge patches; an empty body is no body, whatever its type says. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    async (_: unknown, text: string) => (text === '' ? undefined : parseJson(text)),
  )
}

/** Bodies are documented by their schema and parsed in the route; query strings are converted and checked here. */
export const compileValidator: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  if (httpPart !== 'querystring') return (value) => ({ value })
  const query = schema as TSchema
  return (value) => {
    const converted = Value.Convert(query, value)
    const errors = misfits(query, converted)
    if (errors.length > 0) return { error: refusal(errors) }
    return { value: Value.Default(query, converted) }
  }
}

export function refusal(errors: readonly FieldError[]): UserError {
  return new UserError('invalid', told(errors), errors)
}

/** A member named `__proto__` stays a member, which no schema knows: nothing of a body reaches a prototype. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refusal([{ path: '', message: `must be JSON: ${(error as Error).message}` }])
  }
}
