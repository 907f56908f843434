// SPDX-License-Identifier: Apache-2.0
// Everything that comes from outside enters here: parsed once, whole, with every error named at once.
import Compile from 'typebox/compile'
import { conflictingServices } from '../model/conflicts.js'
import type { Desired, RealServer, Service } from '../model/desired.js'
import { type FieldError, UserError } from '../model/errors.js'
import type { Sources } from './listening.js'
import { readServer, readService } from './meaning.js'
import type { Around } from './placement.js'
import { ConfigSchema, ServerSchema, ServiceSchema, ServicesSchema } from './schema.js'
import { readSettings } from './settings.js'
import { isFields, listOf, misfits, type Read } from './shape.js'

const config = Compile(ConfigSchema)
const services = Compile(ServicesSchema)

/** A whole configuration, as from YAML or the body of PUT /v1/config. */
export function parseDesired(json: unknown): Desired {
  const shape = config.Check(json) ? [] : misfits(ConfigSchema, json)
  const fields = isFields(json) ? json : {}
  const settings = readSettings(fields)
  const list = readServices(fields.services, 'services', settings.value.sources)
  const desired = { ...settings.value, services: list.value }
  const errors = [...shape, ...settings.errors, ...list.errors]
  return accept('configuration', desired, errors)
}

/** A list of services as this director wrote it once; errors are under `at`. */
export function parseServices(json: unknown, at = 'services'): readonly Service[] {
  const shape = services.Check(json) ? [] : misfits(ServicesSchema, json, at)
  const list = readServices(json, at, 'unknown')
  return accept('services', list.value, [...shape, ...list.errors])
}

/** One service: the body of POST and PUT under /v1/services, and a patched one. Its read-only `status` is ignored. */
export function parseService(json: unknown, sources: Sources): Service {
  const body = withoutStatus(json, true)
  const { value, errors } = readService(body, '', sources)
  return accept('service', value, [...misfits(ServiceSchema, body), ...errors])
}

/** One server of `service`. Its read-only `status` is ignored. */
export function parseServer(json: unknown, service: Around): RealServer {
  const body = withoutStatus(json, false)
  const { value, errors } = readServer(body, '', service)
  return accept('server', value, [...misfits(ServerSchema, body), ...errors])
}

function readServices(json: unknown, at: string, sources: Sources): Read<readonly Service[]> {
  const list = listOf(json).map((service, index) => readService(service, `${at}[${index}].`, sources))
  const values = list.map((service) => service.value)
  const errors = list.flatMap((service) => service.errors)
  return { value: values, errors: [...errors, ...conflicts(values, at)] }
}

/** What can't be told from its fields yet is told by its place, and so conflicts with nothing. */
function conflicts(values: readonly Service[], at: string): FieldError[] {
  const told = values.map((service, index) => (service.listeners.length > 0 ? service : { ...service, name: `#${index}` }))
  return conflictingServices(told, at)
}

function accept<T>(what: string, value: T, errors: readonly FieldError[]): T {
  const all = errors.map(({ path, message }) => ({ path: path === '' ? what : path, message }))
  if (all.length === 0) return value
  throw new UserError('invalid', `${all.length === 1 ? '1 error' : `${all.length} errors`} in the ${what}`, all)
}

/** What a client read back with GET, ready to be written again. */
function withoutStatus(json: unknown, deep: boolean): unknown {
  if (!isFields(json)) return json
  const { status: _, ...fields } = json
  if (!deep || !Array.isArray(fields.servers)) return fields
  return { ...fields, servers: fields.servers.map((server: unknown) => withoutStatus(server, false)) }
}
