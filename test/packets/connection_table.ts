// SPDX-License-Identifier: Apache-2.0
// The connection table as a test sees and changes it, through memory of its own. Nobody else may be writing.
import { viewOf } from '../../src/abi/codec.js'
import { ConnectionFlag, ConnectionSlot, ConnectionState, Load } from '../../src/abi/layout.js'
import type { Maps } from '../../src/effects/maps.js'
import { ipv4Address } from '../../src/model/ipv4.js'

/** `ESTABLISHED`; `STATE_` is left out. */
export type StateName = keyof typeof ConnectionState extends `STATE_${infer Name}` ? Name : never

const stateNames = new Map(
  Object.entries(ConnectionState).map(([name, number]) => [number as number, name.replace('STATE_', '') as StateName]),
)

export interface Entry {
  readonly place: number
  /** `198.51.100.7:40000` */
  readonly client: string
  readonly servicePort: number
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

export class ConnectionTable {
  private readonly view: DataView
  private readonly slots: number

  constructor(
    private readonly maps: Pick<Maps, 'loads'>,
    private readonly memory: Buffer,
  ) {
    this.view = viewOf(memory)
    this.slots = memory.length / ConnectionSlot.size
  }

  /** What is in it, expired or not. */
  entries(): Entry[] {
    return Array.from({ length: this.slots }, (_, place) => this.at(place)).filter((entry) => entry.listener !== 0)
  }

  private at(place: number): Entry {
    const { key, owner } = ConnectionSlot.read(this.view, place * ConnectionSlot.size)
    return {
      place,
      client: `${ipv4Address(key.client)}:${key.clientPort}`,
      servicePort: key.servicePort,
      listener: owner.listener,
      server: owner.server,
      second: owner.second,
      state: stateNames.get(owner.state) as StateName,
      probation: (owner.flags & ConnectionFlag.FLAG_PROBATION) !== 0,
    }
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
  }

  age(seconds: number): void {
    for (const entry of this.entries()) this.changeAt(entry, { age: seconds })
  }

  private changeAt(entry: Entry, { state = entry.state, age = 0, probation = entry.probation }: Change): void {
    const at = entry.place * ConnectionSlot.size
    const { key, owner } = ConnectionSlot.read(this.view, at)
    const flags = owner.flags & ~ConnectionFlag.FLAG_PROBATION
    const changed = {
      ...owner,
      state: ConnectionState[`STATE_${state}`],
      second: (owner.second - age) & 0xffff,
      flags: probation ? flags | ConnectionFlag.FLAG_PROBATION : flags,
    }
    ConnectionSlot.write(this.view, at, { key, owner: changed })
    this.recount(owner.server, entry.state, state)
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

function columnOf(state: StateName): 'active' | 'inactive' {
  return state === 'ESTABLISHED' ? 'active' : 'inactive'
}
