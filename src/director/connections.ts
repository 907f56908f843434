// SPDX-License-Identifier: Apache-2.0
// The connection table in names: which scans answer a query, page by page.
import { endpoint } from '../model/address.js'
import { type Address, type RealServer, serverName } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { type Directory, findListed, findListedServer, type Listed } from './directory.js'
import type { ConnectionFilter, ConnectionItem, DataPlane } from './ports.js'
import type { ConnectionView } from './view.js'

export interface Query {
  readonly service?: string
  readonly server?: string
  readonly client?: Address
  readonly limit: number
  readonly cursor?: string
}

export interface Page {
  readonly items: readonly ConnectionView[]
  readonly nextCursor?: string
}

/** Where a page starts: which of the query's scans, and where in it. */
interface Position {
  readonly scan: number
  readonly cursor: number | undefined
}

export async function pageOfConnections(
  dataPlane: Pick<DataPlane, 'connections'>,
  directory: Directory,
  query: Query,
): Promise<Page> {
  const scans = scansFor(directory, query)
  const items: ConnectionView[] = []
  let position: Position | undefined = parseCursor(query.cursor)
  while (position && position.scan < scans.length && items.length < query.limit) {
    const page = await dataPlane.connections(
      scans[position.scan] as ConnectionFilter,
      query.limit - items.length,
      position.cursor,
    )
    items.push(...page.items.flatMap((item) => view(directory, item) ?? []))
    position = after(position, page.nextCursor, scans.length)
  }
  return position && position.scan < scans.length ? { items, nextCursor: formatCursor(position) } : { items }
}

/** One scan of the table, or one for each index that a listener of the service or a server of this name has. */
function scansFor(directory: Directory, { service, server, client }: Query): ConnectionFilter[] {
  const common = client === undefined ? {} : { client }
  const listed = service === undefined ? undefined : findListed(directory, service)
  if (listed && server !== undefined) {
    const index = findListedServer(listed, server).entry?.index
    return index === undefined ? [] : [{ ...common, server: index }]
  }
  if (listed) return listed.listeners.map(({ index }) => ({ ...common, listener: index }))
  if (server === undefined) return [common]
  return indicesOf(directory, server).map((index) => ({ ...common, server: index }))
}

function indicesOf(directory: Directory, name: string): number[] {
  const named = directory.all.flatMap(({ servers }) => servers.filter(({ server }) => serverName(server) === name))
  if (named.length === 0) throw new UserError('notFound', `No service has a server ${name}`)
  return named.flatMap(({ entry }) => entry?.index ?? [])
}

function after({ scan }: Position, next: number | undefined, scans: number): Position | undefined {
  if (next !== undefined) return { scan, cursor: next }
  return scan + 1 < scans ? { scan: scan + 1, cursor: undefined } : undefined
}

function parseCursor(text: string | undefined): Position {
  if (text === undefined) return { scan: 0, cursor: undefined }
  const match = /^(\d{1,5})\.(\d{1,15})?$/.exec(text)
  if (!match)
    throw new UserError('invalid', 'cursor: not one that this director gave', [
      { path: 'cursor', message: 'must be a nextCursor' },
    ])
  return { scan: Number(match[1]), cursor: match[2] === undefined ? undefined : Number(match[2]) }
}

function formatCursor({ scan, cursor }: Position): string {
  return `${scan}.${cursor ?? ''}`
}

/** Undefined for an entry whose listener or server went while the table was read. */
function view(directory: Directory, item: ConnectionItem): ConnectionView | undefined {
  const found = directory.byListener.get(item.listener)
  const server = found && serverOf(found.listed, item.server)
  if (!found || !server) return undefined
  const { protocol, address } = found.listener
  return {
    protocol,
    client: endpoint(item.client, item.clientPort),
    virtual: endpoint(item.vip ?? address, item.servicePort),
    server: serverName(server),
    forwarding: server.forwarding,
    state: item.state,
    expiresIn: item.expiresIn,
  }
}

function serverOf(listed: Listed, index: number): RealServer | undefined {
  return listed.servers.find(({ entry }) => entry?.index === index)?.server
}
