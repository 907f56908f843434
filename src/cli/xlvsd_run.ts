// SPDX-License-Identifier: Apache-2.0
// The controller's life: parts, director, API, and then a tick a second until a signal says stop.
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { readTokens } from '../api/access.js'
import { hostsOf, listen, parseListen } from '../api/listen.js'
import { createApi } from '../api/server.js'
import type { RunningDirector } from '../director/director.js'
import type { ConfigurationFile } from '../director/world.js'
import type { Settings } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { readConfiguration } from './xlvsd_config.js'
import { assemble, type Parts, version } from './xlvsd_parts.js'
import { checkPlatform } from './xlvsd_platform.js'

const TICK = 1000

/** Runs until a signal ends the process; the data plane goes on without it. Rejects with a UserError when it can't start. */
export async function runController(path: string, file: ConfigurationFile): Promise<void> {
  checkPlatform()
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } })
  log.info({ version, config: path, services: file.desired.services.length }, 'xlvsd starts')
  // A signal that comes too early must not kill half a start: it is heard once there is something to stop.
  let heard: (signal: NodeJS.Signals) => void = (signal) => early.push(signal)
  const early: NodeJS.Signals[] = []
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR2', 'SIGHUP'] as const) process.on(signal, () => heard(signal))

  const parts = await assemble(file, log)
  await parts.director.start()
  const api = await openApi(file.desired.api, parts.director, log)
  dieLoudly(log)

  const stop = once(async (reason: string) => {
    log.info({}, reason)
    await api.close()
    await parts.director.stop()
    parts.neighbours.stop()
    await parts.journal.close()
    process.exit(0)
  })
  heard = (signal) => {
    if (signal === 'SIGHUP') void reload(path, parts.director, log)
    else void stop(`${signal}: stopping; the data plane goes on`)
  }
  early.forEach(heard)
  void keepTicking(parts, () => stop('the data plane was taken away: stopping'))
}

/** However many signals come, there is one way out. */
function once(act: (reason: string) => Promise<void>): (reason: string) => Promise<void> {
  let begun: Promise<void> | undefined
  return (reason) => {
    begun ??= act(reason)
    return begun
  }
}

/** What nobody expected ends the process, not the data plane; whoever started it starts another, which adopts that. */
function dieLoudly(log: Logger): void {
  const die = (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'unexpected; the data plane goes on')
    process.exit(1)
  }
  process.on('uncaughtException', die)
  process.on('unhandledRejection', die)
}

async function openApi(settings: Settings['api'], director: RunningDirector, log: Logger): Promise<FastifyInstance> {
  const where = parseListen(settings.listen)
  const access = {
    ...(settings.tokens === undefined ? {} : { tokens: named('api.tokens', () => readTokens(settings.tokens as string)) }),
    ...(where.kind === 'tcp' ? { hosts: hostsOf(where.host) } : {}),
  }
  const api = await createApi({ director, log, ...access })
  try {
    log.info({ listen: await listen(api, where) }, 'the API listens')
  } catch (error) {
    throw refused('api.listen', error)
  }
  return api
}

function named<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw refused(path, error)
  }
}

function refused(path: string, error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error)
  return new UserError('invalid', message, [{ path, message }])
}

/** One look at interfaces, counters and table after the other, about a second apart. */
async function keepTicking({ interfaces, director }: Parts, detached: () => Promise<void>): Promise<void> {
  for (;;) {
    const started = performance.now()
    if (!interfaces.look()) return detached()
    await director.tick()
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + TICK - performance.now())))
  }
}

/** A file that is wrong changes nothing, and says so. */
async function reload(path: string, director: RunningDirector, log: Logger): Promise<void> {
  try {
    await director.reload(readConfiguration(path))
    log.info({ config: path }, 'configuration read again')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    for (const { path: field, message } of error.errors) log.error({ field, reason: message }, 'configuration refused')
    log.error({ config: path, reason: error.message }, 'everything stays as it was')
  }
}
