// SPDX-License-Identifier: Apache-2.0
// xlvs connections
import type { ConnectionView } from '../director/view.js'
import type { Get } from './client.js'
import { type Column, table } from './columns.js'
import { duration } from './quantity.js'

export interface ConnectionOptions {
  readonly service?: string
  readonly server?: string
  readonly client?: string
  readonly limit: number
}

export interface Connections {
  readonly items: readonly ConnectionView[]
  readonly nextCursor?: string
}

/** What one request may ask for. */
const PAGE = 1000

const columns: readonly Column<ConnectionView>[] = [
  { title: 'PROTOCOL', show: ({ protocol }) => protocol },
  { title: 'CLIENT', show: ({ client }) => client },
  { title: 'VIRTUAL', show: (connection) => connection.virtual },
  { title: 'SERVER', show: ({ server }) => server },
  { title: 'FORWARDING', show: ({ forwarding }) => forwarding },
  { title: 'STATE', show: ({ state }) => state },
  { title: 'EXPIRES', show: ({ expiresIn }) => duration(expiresIn), right: true },
]

/** The first `limit` connections, page by page. */
export async function readConnections(get: Get, { limit, ...filters }: ConnectionOptions): Promise<Connections> {
  const items: ConnectionView[] = []
  let cursor: string | undefined
  do {
    const query = { ...filters, limit: String(Math.min(limit - items.length, PAGE)), ...(cursor !== undefined && { cursor }) }
    const page = (await get(`/v1/connections?${new URLSearchParams(query)}`)) as Connections
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined && items.length < limit)
  return cursor === undefined ? { items } : { items, nextCursor: cursor }
}

export function showConnections({ items, nextCursor }: Connections): string {
  const more = nextCursor === undefined ? '' : `\nthe first ${items.length} are shown; --limit shows more\n`
  return table(columns, items) + more
}
