// SPDX-License-Identifier: Apache-2.0
// The commands of xlvs and their options.
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { ServiceDocument } from '../api/documents.js'
import type { DirectorStatus, Statistics } from '../director/view.js'
import { Failure, type Get, get, parseApi } from './client.js'
import { type ConnectionOptions, readConnections, showConnections } from './connections.js'
import { showServers } from './servers.js'
import { showServices } from './services.js'
import { showStatistics } from './stats.js'
import { showStatus } from './status.js'

/** What a command reads and writes of the world. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
}

const DEFAULT_API = 'unix:/run/xlvs/api.sock'

/** Carries out a command line; resolves to the exit code: 0 done, 1 refused or not reached, 2 not said right. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await program(surroundings).parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof Failure)) throw error
    for (const sentence of error.sentences) surroundings.complain(`xlvs: ${sentence}\n`)
    return error.exitCode
  }
}

function program({ environment, print, complain }: Surroundings): Command {
  const xlvs = new Command('xlvs')
    .description('Asks xlvsd what it does.')
    .option('--api <where>', `unix:/path or http://host:port (XLVS_API; else ${DEFAULT_API})`)
    .option('--json', 'exact numbers for scripts, no tables')
    .addHelpText('after', '\nOver http, XLVS_TOKEN holds the token. Exit codes: 0 done, 1 not done, 2 not said right.')
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: complain,
      outputError: (text, write) => write(text.replace(/^error: /, 'xlvs: ')),
    })

  const ask: Get = (path) => get(parseApi(xlvs.opts().api ?? (environment.XLVS_API || DEFAULT_API), environment.XLVS_TOKEN), path)
  const show = <Document>(document: Document, render: (document: Document) => string) =>
    print(xlvs.opts().json ? `${JSON.stringify(document, null, 2)}\n` : render(document))

  command(xlvs, 'status', 'version, uptime, interfaces, fill of the connection table').action(async () =>
    show((await ask('/v1/status')) as DirectorStatus, showStatus),
  )
  command(xlvs, 'services [service]', 'virtual services, their state and traffic').action(async (name?: string) =>
    show(await readServices(ask, name), showServices),
  )
  command(xlvs, 'servers [service]', 'real servers, their state, weight and traffic').action(async (name?: string) => {
    const services = await readServices(ask, name)
    if (xlvs.opts().json) show(serversOf(services), String)
    else show(services, showServers)
  })
  command(xlvs, 'stats [service]', 'totals by service and server, and packets by outcome').action(async (name?: string) =>
    show(onlyService((await ask('/v1/stats')) as Statistics, name), showStatistics),
  )
  command(xlvs, 'connections', 'the connection table')
    .option('--service <name>', 'of this service')
    .option('--server <address:port>', 'to this server')
    .option('--client <address>', 'from this client')
    .option('--limit <number>', 'at most so many', parseLimit, 100)
    .action(async (options: ConnectionOptions) => show(await readConnections(ask, options), showConnections))
  return xlvs
}

function command(parent: Command, words: string, description: string): Command {
  return parent.command(words).description(description).allowExcessArguments(false)
}

async function readServices(ask: Get, name: string | undefined): Promise<readonly ServiceDocument[]> {
  if (name === undefined) return (await ask('/v1/services')) as ServiceDocument[]
  return [(await ask(`/v1/services/${encodeURIComponent(name)}`)) as ServiceDocument]
}

function serversOf(services: readonly ServiceDocument[]): object[] {
  return services.flatMap(({ name, servers }) => servers.map((server) => ({ service: name, ...server })))
}

function onlyService(statistics: Statistics, name: string | undefined): Statistics {
  if (name === undefined) return statistics
  const services = statistics.services.filter((service) => service.name === name)
  if (services.length === 0) throw new Failure([`There is no service named ${name}`])
  return { ...statistics, services }
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a positive number.')
  return Number(text)
}
