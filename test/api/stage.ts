// SPDX-License-Identifier: Apache-2.0
// An API over a director in memory, and requests to it.
import type { FastifyBaseLogger, FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import type { Problem } from '../../src/api/errors.js'
import { type ApiOptions, createApi } from '../../src/api/server.js'
import type { Director } from '../../src/director/view.js'
import { type FakeDirector, fakeDirector } from './fake_director.js'

/** What one request came back with. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed, where there is a body of JSON. */
  readonly json: unknown
}

export interface Stage {
  readonly app: FastifyInstance
  readonly send: (method: string, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
}

export const quiet: FastifyBaseLogger = pino({ level: 'silent' })

export async function stage(
  director = fakeDirector(),
  options: Partial<ApiOptions> = {},
): Promise<Stage & { director: FakeDirector }> {
  return { director, ...(await stageOver(director, options)) }
}

export async function stageOver(director: Director, options: Partial<ApiOptions> = {}): Promise<Stage> {
  const app = await createApi({ director, log: quiet, ...options })
  await app.ready()
  return { app, send: (method, url, body, headers = {}) => send(app, method, url, body, headers) }
}

/** A body that is a string goes as it is; anything else as JSON. */
async function send(
  app: FastifyInstance,
  method: string,
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const request = { method, url, headers: { ...type, ...headers }, ...payload } as InjectOptions
  const response = await app.inject(request)
  const isJson = /json/.test(String(response.headers['content-type']))
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: isJson ? JSON.parse(response.body) : undefined,
  }
}

/** The paths that a problem names. */
export function pathsOf(answer: Answer): string[] {
  return (answer.json as Problem).errors.map(({ path }) => path)
}
