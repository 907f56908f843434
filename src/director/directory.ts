// SPDX-License-Identifier: Apache-2.0
// Names to indices and back: users say web and 10.0.0.11:80, the maps say 3 and 17.
import { type RealServer, type Service, serverName } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { listenerName } from '../model/listener.js'
import type { ListenerEntry, ServerEntry } from '../reconcile/actual.js'
import type { State } from './state.js'

export interface ListedServer {
  readonly server: RealServer
  /** Absent before the first apply. */
  readonly entry: ServerEntry | undefined
}

export interface Listed {
  readonly service: Service
  /** Empty before the first apply. */
  readonly listeners: readonly ListenerEntry[]
  readonly servers: readonly ListedServer[]
  readonly serversByName: ReadonlyMap<string, ListedServer>
}

export interface Directory {
  /** In the desired order. */
  readonly all: readonly Listed[]
  readonly byName: ReadonlyMap<string, Listed>
  readonly byListener: ReadonlyMap<number, { readonly listed: Listed; readonly listener: ListenerEntry }>
  readonly byService: ReadonlyMap<number, Listed>
}

const nobody: readonly ServerEntry[] = []

const drawnUp = new WeakMap<State, Directory>()

/** The directory of a state, drawn up when first asked for. */
export function directoryOf(state: State): Directory {
  const known = drawnUp.get(state)
  if (known) return known
  const directory = drawUp(state)
  drawnUp.set(state, directory)
  return directory
}

function drawUp({ desired, actual, basis }: State): Directory {
  const all = desired.services.map((service): Listed => {
    const listeners = service.listeners.flatMap((listener) => actual.listeners.get(listenerName(listener)) ?? [])
    const [first] = listeners
    const entries = (first && basis?.servers.get(first.service)) ?? nobody
    return listedAs(service, listeners, entries)
  })
  const reached = all.flatMap((listed) => listed.listeners.map((listener) => ({ listed, listener })))
  return {
    all,
    byName: new Map(all.map((listed) => [listed.service.name, listed])),
    byListener: new Map(reached.map((one) => [one.listener.index, one])),
    byService: new Map(reached.map(({ listed, listener }) => [listener.service, listed])),
  }
}

const listings = new WeakMap<Service, { readonly listed: Listed; readonly entries: readonly ServerEntry[] }>()

/** The same object as before for a service that is as it was. A plan leaves a service's entries in list order. */
function listedAs(service: Service, listeners: readonly ListenerEntry[], entries: readonly ServerEntry[]): Listed {
  const before = listings.get(service)
  if (before && before.entries === entries && sameEntries(before.listed.listeners, listeners)) return before.listed
  const servers = service.servers.map((server, place) => ({ server, entry: entries[place] }))
  const serversByName = new Map(servers.map((listed) => [serverName(listed.server), listed]))
  const listed = { service, listeners, servers, serversByName }
  listings.set(service, { listed, entries })
  return listed
}

function sameEntries(a: readonly ListenerEntry[], b: readonly ListenerEntry[]): boolean {
  return a.length === b.length && a.every((entry, place) => entry === b[place])
}

export function findListed(directory: Directory, name: string): Listed {
  const listed = directory.byName.get(name)
  if (!listed) throw new UserError('notFound', `There is no service named ${name}`)
  return listed
}

export function findListedServer(listed: Listed, name: string): ListedServer {
  const found = listed.serversByName.get(name)
  if (!found) throw new UserError('notFound', `Service ${listed.service.name} has no server ${name}`)
  return found
}
