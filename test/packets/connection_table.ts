// SPDX-License-Identifier: Apache-2.0
// The connection tables as a test sees and changes it, through memory of its own. Nobody else may be writing.
import { viewOf } from '../../src/abi/codec.js'
import {
  ConnectionFlag,
  ConnectionOwner,
  ConnectionSlot,
  ConnectionState,
  Load,
  WideCheck,
  WideSlot,
} from '../../src/abi/layout.js'
import type { Maps } from '../../src/effects/maps.js'
import { endpoint } from '../../src/model/address.js'
import { ipv4Address } from '../../src/model/ipv4.js'
import { addressOf } from '../../src/model/network.js'

/** `ESTABLISHED`; `STATE_` is left out. */
export type StateName = keyof typeof ConnectionState extends `STATE_${infer Name}` ? Name : never

const stateNames = new Map(
  Object.entries(ConnectionState).map(([name, number]) => [number as number, name.replace('STATE_', '') as StateName]),
)

export interface Entry {
  readonly place: number
  /** In the table of wide slots. */
  readonly wide: boolean
  /** `198.51.100.7:40000`, `[2001:db8::7]:40000` */
  readonly client: string
  readonly servicePort: number
  /** Full NAT's, at its source. */
  readonly ownPort: number
  readonly listener: number
  readonly server: number
  readonly second: number
  readonly state: StateName
  readonly probation: boolean
}

export interface Change {
  readonly state?: StateName
  /** Seconds to add to its age. */
  readonly age?: number
  readonly probation?: boolean
}

/** A listener and a server that no test gets to. */
const NOBODY = 0xffff
const NOBODYS = 250

export class ConnectionTable {
  private readonly view: DataView
  private readonly wideView: DataView

  constructor(
    private readonly maps: Pick<Maps, 'loads'>,
    private readonly memory: Buffer,
    private readonly wideMemory: Buffer,
  ) {
    this.view = viewOf(memory)
    this.wideView = viewOf(wideMemory)
  }

  /** What is in it, expired or not. */
  entries(): Entry[] {
    return [
      ...taken(this.view, ConnectionSlot).map((place) => this.narrowAt(place)),
      ...taken(this.wideView, WideSlot).map((place) => this.wideAt(place)),
    ]
  }

  private narrowAt(place: number): Entry {
    const { key, owner } = ConnectionSlot.read(this.view, place * ConnectionSlot.size)
    const client = endpoint(ipv4Address(key.client), key.clientPort)
    return { place, wide: false, client, servicePort: key.servicePort, ownPort: 0, ...about(owner) }
  }

  private wideAt(place: number): Entry {
    const { key, owner } = WideSlot.read(this.wideView, place * WideSlot.size)
    const { clientPort, servicePort, ownPort, check } = key.ports
    const { bytes } = key.client
    const address = check & WideCheck.CHECK_IPV6 ? addressOf(bytes) : bytes.slice(0, 4).join('.')
    return { place, wide: true, client: endpoint(address, clientPort), servicePort, ownPort, ...about(owner) }
  }

  /** The entries of one client, by address and port. */
  of(client: string): Entry[] {
    return this.entries().filter((entry) => entry.client === client)
  }

  /** Makes one client's entries other than packets have made them; their servers' counts follow. */
  change(client: string, change: Change): void {
    for (const entry of this.of(client)) this.changeAt(entry, change)
  }

  /** Takes every entry away, and its count. */
  clear(): void {
    for (const { server } of this.entries()) this.maps.loads.write(server, Load.zero)
    this.memory.fill(0)
    this.wideMemory.fill(0)
  }

  /** Somebody established is in every slot of both tables, and may not be displaced; there was an entry before, that says when now is. */
  occupy(): void {
    const [any] = this.entries()
    if (!any) throw new Error('nobody says when now is')
    this.clear()
    const owner = { listener: NOBODY, server: NOBODYS, second: any.second, state: ConnectionState.STATE_ESTABLISHED, flags: 0 }
    const tables = [
      { view: this.view, layout: ConnectionSlot },
      { view: this.wideView, layout: WideSlot },
    ]
    let active = 0
    for (const { view, layout } of tables)
      for (let at = 0; at < view.byteLength; at += layout.size, active++) ConnectionOwner.write(view, at + layout.at.owner, owner)
    this.maps.loads.write(NOBODYS, { counts: { active, inactive: 0 } })
  }

  age(seconds: number): void {
    for (const entry of this.entries()) this.changeAt(entry, { age: seconds })
  }

  private changeAt(entry: Entry, { state = entry.state, age = 0, probation = entry.probation }: Change): void {
    const { view, at } = this.ownerOf(entry)
    const owner = ConnectionOwner.read(view, at)
    const flags = owner.flags & ~ConnectionFlag.FLAG_PROBATION
    ConnectionOwner.write(view, at, {
      ...owner,
      state: ConnectionState[`STATE_${state}`],
      second: (owner.second - age) & 0xffff,
      flags: probation ? flags | ConnectionFlag.FLAG_PROBATION : flags,
    })
    this.recount(owner.server, entry.state, state)
  }

  private ownerOf({ place, wide }: Entry): { view: DataView; at: number } {
    return wide
      ? { view: this.wideView, at: place * WideSlot.size + WideSlot.at.owner }
      : { view: this.view, at: place * ConnectionSlot.size + ConnectionSlot.at.owner }
  }

  private recount(server: number, from: StateName, to: StateName): void {
    const { counts } = this.maps.loads.read(server)
    const less = { ...counts, [columnOf(from)]: counts[columnOf(from)] - 1 }
    this.maps.loads.write(server, { counts: { ...less, [columnOf(to)]: less[columnOf(to)] + 1 } })
  }

  /** Connections by server index, as the entries say. */
  tally(): Map<number, { active: number; inactive: number }> {
    const tally = new Map<number, { active: number; inactive: number }>()
    for (const { server, state } of this.entries()) {
      const counts = tally.get(server) ?? { active: 0, inactive: 0 }
      counts[columnOf(state)]++
      tally.set(server, counts)
    }
    return tally
  }
}

/** The places whose owner names a listener: most have none, and are not read. */
function taken(view: DataView, { size, at }: { readonly size: number; readonly at: { readonly owner: number } }): number[] {
  const places: number[] = []
  for (let place = 0; place * size < view.byteLength; place++)
    if (view.getUint16(place * size + at.owner, true) !== 0) places.push(place)
  return places
}

function about({ listener, server, second, state, flags }: ConnectionOwner) {
  const probation = (flags & ConnectionFlag.FLAG_PROBATION) !== 0
  return { listener, server, second, state: stateNames.get(state) as StateName, probation }
}

function columnOf(state: StateName): 'active' | 'inactive' {
  return state === 'ESTABLISHED' ? 'active' : 'inactive'
}
