// SPDX-License-Identifier: Apache-2.0
// What is worth a line in the log.
import type { Change } from '../model/changes.js'
import { serverName } from '../model/desired.js'
import type { MapWrite, ServerEntry } from '../reconcile/actual.js'
import type { Directory } from './directory.js'
import type { State } from './state.js'
import type { Log } from './world.js'

/** Changes beyond these are summed up in one line. */
const LISTED = 50

/** A line for each change, with service and server as fields. */
export function logChanges(log: Log, summary: string, changes: readonly Change[]): void {
  for (const { action, path, before, after } of changes.slice(0, LISTED))
    log.info({ ...namesIn(path), action, before, after, request: summary }, 'applied')
  if (changes.length > LISTED) log.info({ changes: changes.length - LISTED, request: summary }, 'applied more')
}

/** `services/web/servers/10.0.0.11:80` */
function namesIn(path: string): { service?: string; server?: string } {
  const [, service, , server] = path.split('/')
  return { ...(service === undefined ? {} : { service }), ...(server === undefined ? {} : { server }) }
}

/** A line for each server that was found, moved or lost. */
export function logRoutes(log: Log, before: State['actual'], writes: readonly MapWrite[], directory: () => Directory): void {
  for (const write of writes) {
    if (write.kind !== 'server' || write.entry.removed) continue
    const event = routeEvent(before.servers.get(write.entry.index), write.entry)
    if (event === undefined) continue
    const service = directory().byService.get(write.entry.service)?.service.name
    log.info({ service, server: serverName(write.entry), mac: write.entry.route?.mac }, event)
  }
}

function routeEvent(before: ServerEntry | undefined, after: ServerEntry): string | undefined {
  if (after.local) return before?.local ? undefined : 'server is this director itself'
  if (!after.route) return before?.route ? 'server lost: it answers neither ARP nor neighbour discovery' : undefined
  if (!before?.route) return 'server resolved'
  const same = before.route.mac === after.route.mac && before.route.interface === after.route.interface
  return same ? undefined : 'server moved'
}
