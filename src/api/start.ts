// SPDX-License-Identifier: Apache-2.0
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Director } from '../director/view.js'
import type { Settings } from '../model/desired.js'
import { readTokens } from './access.js'
import { hostsOf, type Listen, listen, parseListen } from './listen.js'
import { refusal } from './requests.js'
import { type ApiOptions, createApi } from './server.js'

export interface RunningApi {
  readonly app: FastifyInstance
  /** As `--api` takes it. */
  readonly where: string
}

/** The API listening as `settings` say; over TCP only for bearers of tokens. Rejects with a UserError that names the setting. */
export async function startApi(director: Director, log: FastifyBaseLogger, settings: Settings['api']): Promise<RunningApi> {
  const where = await blame('api.listen', () => parseListen(settings.listen))
  const app = await createApi({ director, log, ...(await admission(where, settings.tokens)) })
  try {
    return { app, where: await blame('api.listen', () => listen(app, where)) }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** On a unix socket the file's mode decides who may call. */
async function admission(where: Listen, file: string | undefined): Promise<Pick<ApiOptions, 'tokens' | 'hosts'>> {
  if (where.kind === 'unix') return {}
  if (file === undefined) throw refusal([{ path: 'api.tokens', message: 'is required when the API listens on an address' }])
  return { tokens: await blame('api.tokens', () => readTokens(file)), hosts: hostsOf(where.host) }
}

async function blame<T>(path: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw refusal([{ path, message: (error as Error).message }])
  }
}
