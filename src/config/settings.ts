// SPDX-License-Identifier: Apache-2.0
// The part of a configuration that is not services: read once at the start.

import { parseAddress } from '../model/address.js'
import type { Address, Settings } from '../model/desired.js'
import { parseDuration } from '../model/duration.js'
import type { FieldError } from '../model/errors.js'
import { bounds, defaults } from './defaults.js'
import { readAddress } from './listening.js'
import type { ConfigBody } from './schema.js'
import { type Fields, isFields, listOf, type Read, shown } from './shape.js'

export function readSettings(fields: Fields): Read<Settings> {
  const body = fields as unknown as ConfigBody
  const api = readApi(body.api)
  const timeouts = readTimeouts(body.timeouts)
  const limits = { ...defaults.limits, ...body.limits }
  const sources = readSources(body.sources, limits.sources)
  return {
    value: {
      interfaces: listOf(body.interfaces) as readonly string[],
      vips: body.vips ?? defaults.vips,
      xdpMode: body.xdpMode ?? defaults.xdpMode,
      api: api.value,
      stateDir: body.stateDir ?? defaults.stateDir,
      pinDir: body.pinDir ?? defaults.pinDir,
      sources: sources.value,
      limits,
      timeouts: timeouts.value,
    },
    errors: [...repeated(listOf(body.interfaces), 'interfaces'), ...api.errors, ...sources.errors, ...timeouts.errors],
  }
}

function repeated(names: readonly unknown[], at: string): FieldError[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name)
    return first === index ? [] : [{ path: `${at}[${index}]`, message: `${name} is already in ${at}[${first}]` }]
  })
}

function readSources(list: unknown, most: number): Read<readonly Address[]> {
  const addresses = listOf(list).map((text, index) => readAddress(text, `sources[${index}]`))
  const value = addresses.flatMap((address) => address.value ?? [])
  const errors = addresses.flatMap((address) => address.errors)
  if (errors.length > 0) return { value, errors }
  if (value.length > most)
    return { value, errors: [{ path: 'sources', message: `${value.length} addresses, but limits.sources is ${most}` }] }
  return { value, errors: repeated(value, 'sources') }
}

function readApi(fields: unknown): Read<Settings['api']> {
  const body = (isFields(fields) ? fields : {}) as NonNullable<ConfigBody['api']>
  const listen = body.listen ?? defaults.listen
  const value = body.tokens === undefined ? { listen } : { listen, tokens: body.tokens }
  if (typeof listen !== 'string') return { value, errors: [] }
  return { value, errors: listenErrors(listen, body.tokens) }
}

function listenErrors(listen: string, tokens: string | undefined): FieldError[] {
  if (/^unix:\/[^\0]{1,106}$/.test(listen)) return []
  if (!isEndpoint(listen)) return [{ path: 'api.listen', message: `must be unix:/path or address:port, got ${shown(listen)}` }]
  return tokens === undefined ? [{ path: 'api.tokens', message: `is required when the API listens on ${listen}` }] : []
}

/** `10.0.0.1:8080` or `[2001:db8::1]:8080`. */
function isEndpoint(listen: string): boolean {
  const match = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(listen)
  if (!match) return false
  const port = Number(match[3])
  return parseAddress((match[1] ?? match[2]) as string) !== undefined && port >= 1 && port <= 65_535
}

function readTimeouts(fields: unknown): Read<Settings['timeouts']> {
  const body = (isFields(fields) ? fields : {}) as NonNullable<ConfigBody['timeouts']>
  const tcp = readTimeout(body.tcp, defaults.timeouts.tcp, 'timeouts.tcp')
  const tcpFin = readTimeout(body.tcpFin, defaults.timeouts.tcpFin, 'timeouts.tcpFin')
  const udp = readTimeout(body.udp, defaults.timeouts.udp, 'timeouts.udp')
  return {
    value: { tcp: tcp.value, tcpFin: tcpFin.value, udp: udp.value },
    errors: [...tcp.errors, ...tcpFin.errors, ...udp.errors],
  }
}

/** Whole seconds from 1 to the longest that a slot's 16-bit second can tell. */
function readTimeout(value: unknown, absent: number, at: string): Read<number> {
  if (value === undefined || !(typeof value === 'string' || typeof value === 'number')) return { value: absent, errors: [] }
  const refuse = (message: string) => ({ value: absent, errors: [{ path: at, message: `${message}, got ${shown(value)}` }] })
  const milliseconds = parseDuration(value)
  if (milliseconds === undefined) return refuse('must be a duration such as 500ms, 2s or 5m')
  const seconds = milliseconds / 1000
  if (seconds < 1 || seconds > bounds.timeoutSeconds) return refuse('must be between 1s and 57600s (16 hours)')
  return Number.isInteger(seconds) ? { value: seconds, errors: [] } : refuse('must be whole seconds')
}
