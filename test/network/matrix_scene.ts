// SPDX-License-Identifier: Apache-2.0
// The lab of the matrix: a server for each way to forward in each place, a service for each way to each of them, and how a cell
// is tried.
import type { Family as ModelFamily } from '../../src/model/address.js'
import type { ServiceEntry } from '../../vagrant/controller.js'
import { offerDownload, putUpload, takeDownload } from '../../vagrant/download.js'
import type { Lab } from '../../vagrant/lab.js'
import { type Family, readTopology, type Topology, withMachine } from '../../vagrant/topology.js'
import { askDatagrams, requests } from '../../vagrant/traffic.js'
import { placeServers, withNarrowPath, withTags } from '../../vagrant/variants.js'
import { type Cell, holeAt, type kinds, type Way, ways } from './matrix.js'

export const DATAGRAMS = 9000
const NARROW = 1280

type Stand = Cell['stand']
const stands: readonly Stand[] = ['one-arm', 'two-arm', 'remote']

/** A service of the scene's: its VIP is known by its place in this list. */
type Service = Way & { readonly stand: Stand }

const services: readonly Service[] = ways.flatMap((way) =>
  stands.map((stand) => ({ ...way, stand })).filter((service) => !holeAt({ ...service, protocol: 'tcp', kind: 'plain' })),
)

const numberOf: Readonly<Record<ModelFamily, Family>> = { IPv4: 4, IPv6: 6 }

/** `fullnat-remote` */
export function serverOf({ forwarding, stand }: Pick<Service, 'forwarding' | 'stand'>): string {
  return `${forwarding}-${stand}`
}

export function vipOf(cell: Pick<Cell, 'forwarding' | 'vip' | 'server' | 'stand'>): string {
  const place = services.findIndex(
    ({ forwarding, vip, server, stand }) =>
      forwarding === cell.forwarding && vip === cell.vip && server === cell.server && stand === cell.stand,
  )
  return vipNumbered(place, cell.vip)
}

function vipNumbered(place: number, family: ModelFamily): string {
  return family === 'IPv4' ? `203.0.113.${100 + place}` : `2001:db8:203::${100 + place}`
}

/** Three places for servers at once, and a client behind a narrow path. */
export function matrixTopology(tags: 0 | 1 | 2): Topology {
  const { server1: _, server2: __, server3: ___, ...machines } = readTopology().machines
  const vips = (family: ModelFamily) => services.flatMap(({ vip }, place) => (vip === family ? [vipNumbered(place, family)] : []))
  const bare: Topology = { ...readTopology(), machines, vips: vips('IPv4'), vips6: vips('IPv6') }
  const placed = [...new Map(services.map((service) => [serverOf(service), service])).values()].reduce(
    (topology, { forwarding, stand }, index) => {
      const name = serverOf({ forwarding, stand })
      const added = withMachine(topology, name, { role: 'server', addresses: { servers: `10.0.0.${20 + index}` } })
      return placeServers(added, forwarding, stand, [name])
    },
    bare,
  )
  const narrow = withNarrowPath(placed, NARROW)
  return tags === 0 ? narrow : withTags(narrow, tags)
}

/** What full NAT sends from, of the director beside its own addresses. */
export const sources = ['10.0.0.3', '2001:db8:10::3']

export function addSources(lab: Lab): void {
  lab.do('director', 'ip', 'address', 'add', `${sources[0]}/24`, 'dev', 'eth1')
  lab.do('director', 'ip', 'address', 'add', `${sources[1]}/64`, 'dev', 'eth1', 'nodad')
}

/** NAT's servers have nginx on another port than their VIPs. */
export function matrixServices(lab: Lab): ServiceEntry[] {
  return services.flatMap((service, place) => {
    const { forwarding, stand, server, vip } = service
    const address = vipNumbered(place, vip)
    const target = { address: lab.address(serverOf(service), numberOf[server]), forwarding }
    const web = forwarding === 'nat' || forwarding === 'fullnat' ? 8080 : 80
    const name = `${forwarding}-${vip}-${server}-${stand}`.toLowerCase()
    return [
      { name, protocol: 'tcp' as const, address, port: 80, scheduler: 'rr', servers: [{ ...target, port: web }] },
      {
        name: `${name}-udp`,
        protocol: 'udp' as const,
        address,
        port: DATAGRAMS,
        scheduler: 'rr',
        servers: [{ ...target, port: DATAGRAMS }],
      },
    ]
  })
}

/** A service at an address of its own, with the one server of that place, or a server for another way that has its address. */
export function entryFor(lab: Lab, cell: Omit<Cell, 'kind'>): ServiceEntry {
  const { forwarding, stand, protocol, server, vip } = cell
  const machine = stand === 'remote' ? serverOf({ forwarding: 'tun', stand }) : serverOf(cell)
  const target = { address: lab.address(machine, numberOf[server]), port: 7, forwarding }
  return { name: 'another', protocol, address: vipNumbered(99, vip), port: 7, scheduler: 'rr', servers: [target] }
}

export function nameOf({ forwarding, vip, server, protocol, stand }: Omit<Cell, 'kind'>): string {
  return `${forwarding}, ${vip === server ? vip : `${vip} to ${server}`}, ${protocol}, ${stand}`
}

/** Resolves with what went wrong, or undefined. */
export type Trial = (lab: Lab, cell: Cell) => Promise<string | undefined>

/** Small and large, to the server and back. */
async function plain(lab: Lab, cell: Cell): Promise<string | undefined> {
  const way = { vip: vipOf(cell) }
  if (cell.protocol === 'udp') return answered(lab, cell, { ...way, size: 1200 })
  const { answers } = await requests(lab, 1, way)
  if (answers[0] !== serverOf(cell)) return `answered by ${answers[0] ?? 'nobody'}`
  return transferred(lab, way, cell)
}

async function transferred(lab: Lab, way: { from?: string; vip: string }, cell: Cell): Promise<string | undefined> {
  if (!(await takeDownload(lab, { ...way, full: true, seconds: 10 }).whole)) return 'the download is not whole'
  const upload = await putUpload(lab, { ...way, seconds: 10 })
  return upload.whole && upload.server === serverOf(cell) ? undefined : `the upload is not whole at ${upload.server}`
}

/** The last of some datagrams comes back; kernels on the way may have had to say how large they can be. */
async function answered(lab: Lab, cell: Cell, way: { from?: string; vip: string; size: number }): Promise<string | undefined> {
  const answers = await askDatagrams(lab, { ...way, port: DATAGRAMS, count: 5, perSecond: 20, flows: 1 })
  return answers.at(-1) === serverOf(cell) ? undefined : `answers: ${answers.join(' ')}`
}

/** UDP's are made by the sender, TCP's by a router that may, since the sender leaves that to it. */
async function fragmented(lab: Lab, cell: Cell): Promise<string | undefined> {
  if (cell.protocol === 'udp') return answered(lab, cell, { vip: vipOf(cell), size: 5000 })
  const upload = await putUpload(lab, { from: 'far', vip: vipOf(cell), seconds: 10 })
  return upload.whole && upload.server === serverOf(cell) ? undefined : `the upload is not whole at ${upload.server}`
}

/** The server sends what is too long for the narrow path, and hears of it. */
async function errors(lab: Lab, cell: Cell): Promise<string | undefined> {
  const server = serverOf(cell)
  const toClient =
    cell.forwarding === 'fullnat' ? (sources[cell.vip === 'IPv4' ? 0 : 1] as string) : lab.address('far', numberOf[cell.vip])
  for (const family of ['-4', '-6']) lab.do(server, 'ip', family, 'route', 'flush', 'cache')
  const way = { from: 'far', vip: vipOf(cell) }
  const wrong =
    cell.protocol === 'udp'
      ? await answered(lab, cell, { ...way, size: 1400 })
      : (await takeDownload(lab, { ...way, full: true, seconds: 10 }).whole)
        ? undefined
        : 'the download is not whole'
  const route = lab.do(server, 'ip', 'route', 'get', toClient).replaceAll('\n', ' ')
  return wrong ?? (route.includes(` mtu ${NARROW}`) ? undefined : `the server has not heard: ${route}`)
}

export const trials: Readonly<Record<(typeof kinds)[number], Trial>> = {
  plain,
  'one VLAN tag': plain,
  'two VLAN tags': plain,
  fragments: fragmented,
  'ICMP errors': errors,
}

/** Before the first trial: a file to move, and a client that leaves it to routers to cut what it sends by IPv4. */
export function prepare(lab: Lab): void {
  offerDownload(lab, 300_000)
  lab.do('far', 'sysctl', '-qw', 'net.ipv4.ip_no_pmtu_disc=1')
}
