// SPDX-License-Identifier: Apache-2.0
// What a request's address and body say, turned into the model: bodies by config/'s own rules, which name every wrong field.
import { parseServer, parseService } from '../config/parse.js'
import { type Fields, isFields, shown } from '../config/shape.js'
import { isIPv6, parseAddress } from '../model/address.js'
import { type Address, type Desired, type RealServer, type Service, serverName } from '../model/desired.js'
import { writtenListeners } from '../model/written.js'
import { mergePatch } from './merge_patch.js'
import { refusal } from './requests.js'

/** A server as an address of the API names it. */
export interface Endpoint {
  readonly address: Address
  readonly port: number
}

/** What of the director a body is held to. */
type Around = Pick<Desired, 'sources'>

/** The service of a body; one that is put at `/v1/services/{name}` takes that name. */
export function bodyService(body: unknown, { sources }: Around, name?: string): Service {
  if (name === undefined) return parseService(body, sources)
  refuseOther('name', body, name)
  return parseService(isFields(body) ? { ...body, name } : body, sources)
}

/** The server of a body; one that is put at `…/servers/{address}:{port}` takes these. */
export function bodyServer(body: unknown, service: Service, { sources }: Around, at?: Endpoint): RealServer {
  const around = { ...service, sources }
  if (at === undefined) return parseServer(body, around)
  const server = parseServer(isFields(body) ? { ...at, ...body } : body, around)
  refuseMoved(server, at)
  return server
}

/** `service` with a merge patch applied; its name stays. */
export function patchedService(service: Service, { sources }: Around, patch: unknown): Service {
  refuseOther('name', patch, service.name)
  const fields = patchFields(patch)
  return parseService(mergePatch({ ...listening(service, fields), ...followed(service, fields) }, fields), sources)
}

/** Where a service listens, for a patch: one that lists listeners replaces an address and port, and the other way round. */
function listening({ listeners }: Service, patch: Fields): object {
  const now = writtenListeners(listeners)
  const isList = 'listeners' in now
  if (isList && 'protocol' in patch) return { listeners: now.listeners.map(({ protocol: _, ...own }) => own) }
  const lists = patch.listeners !== undefined && patch.listeners !== null
  if (!lists && !(isList && ('address' in patch || 'port' in patch))) return now
  const protocols = [...new Set(listeners.map(({ protocol }) => protocol))]
  return protocols.length === 1 ? { protocol: protocols[0] } : {}
}

/** All the rest. What a server has of its service it does not say, so that it follows: the way to forward, and a port that must be the same. */
function followed({ listeners: _, ...service }: Service, patch: Fields): object {
  const servers = service.servers.map(({ forwarding, port, ...server }) => {
    const follows = forwarding === service.forwarding
    const method = follows ? (patch.forwarding ?? service.forwarding) : forwarding
    return { ...server, ...(follows ? {} : { forwarding }), ...(method === 'dr' || method === 'tun' ? {} : { port }) }
  })
  return { ...service, servers }
}

/** `server` with a merge patch applied; its address and port stay. */
export function patchedServer(server: RealServer, service: Service, { sources }: Around, patch: unknown): RealServer {
  const patched = parseServer(mergePatch(server, patchFields(patch)), { ...service, sources })
  refuseMoved(patched, server)
  return patched
}

/** `{address}:{port}`, IPv6 in brackets. */
export function parseEndpoint(text: string, path: string): Endpoint {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(0|[1-9]\d{0,4})$/.exec(text) ?? []
  const address = parseAddress(bracketed ?? plain)
  if (address === undefined || isIPv6(address) !== (bracketed !== undefined) || Number(port) > 65_535)
    throw refusal([{ path, message: `must be address:port, got ${shown(text)}` }])
  return { address, port: Number(port) }
}

export function parseClient(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw refusal([{ path: 'client', message: `must be an IPv4 or IPv6 address, got ${shown(text)}` }])
  return address
}

function patchFields(patch: unknown): Fields {
  if (isFields(patch)) return patch
  throw refusal([{ path: '', message: `must be a JSON object of the fields to change, got ${shown(patch)}` }])
}

function refuseOther(field: 'name', body: unknown, wanted: string): void {
  if (!isFields(body) || body[field] === undefined || body[field] === wanted) return
  throw refusal([{ path: field, message: `must be ${wanted}, as in the address of the request; a service keeps its name` }])
}

function refuseMoved(server: RealServer, at: Endpoint): void {
  if (serverName(server) === serverName(at)) return
  const path = server.address === at.address ? 'port' : 'address'
  throw refusal([{ path, message: `must be ${at[path]}, as in the address of the request; add another server instead` }])
}
