// SPDX-License-Identifier: Apache-2.0
// A connection table as a plain Map: what must be in it after any packets, without buckets, slots or words.
import type { StateName } from './connection_table.js'
import type { OutcomeName } from './verdict.js'

export interface Known {
  readonly server: string
  readonly state: StateName
  readonly proven: boolean
  /** Seconds since its last packet. */
  readonly age: number
  /** Slot in the table; learnt, not predicted. */
  readonly place: number
}

export type Kind = 'S' | 'A' | 'FA' | 'R' | 'SA' | 'udp'

export interface Packet {
  readonly service: string
  readonly flow: string
  readonly kind: Kind
  /** From the server of the flow's entry, or from one that has nothing to do with it. */
  readonly isReply: boolean
}

/** What the program was seen to do: `server` is where the packet went. */
export interface Seen {
  readonly outcome: OutcomeName
  readonly server?: string
}

export interface Rules {
  /** NAT: both directions are seen, and nobody goes without an entry. */
  readonly twoWay: boolean
  readonly timeouts: Readonly<Record<StateName, number>>
  /** By service. */
  readonly stray: Readonly<Record<string, 'reset' | 'hash'>>
  /** Who may get new flows, by service. */
  readonly eligible: ReadonlyMap<string, ReadonlySet<string>>
}

const columns = 'NONE ESTABLISHED SYN_SENT SYN_RECEIVED FIN_WAIT TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN SYN_ACK'.split(' ')
type Rows = Readonly<Record<Exclude<Kind, 'udp'>, string>>

/** IPVS's rows for traffic that is seen in one direction. */
const alone: Rows = {
  S: 'SR ES ES SR SR SR SR SR SR SR SR',
  SA: 'SR ES ES SR SR SR SR SR SR SR SR',
  FA: 'CL FW SS TW FW TW CL CW LA LI TW',
  A: 'ES ES SS ES FW TW CL CW CL LI ES',
  R: 'CL CL CL SR CL CL CL CL LA LI CL',
}
/** In both. */
const requests: Rows = {
  ...alone,
  FA: 'CL CW SS TW TW TW CL CW LA LI TW',
  R: 'CL CL CL SR CL CL CL CL LA LI SR',
}
const replies: Rows = {
  S: 'SS ES SS SR SS SS SS SS SS LI SR',
  SA: 'SS ES SS SR SS SS SS SS SS LI SR',
  FA: 'TW FW SS TW FW TW CL TW LA LI TW',
  A: 'ES ES SS ES FW TW CL CW LA ES ES',
  R: 'CL CL SS CL CL TW CL CL CL CL CL',
}
const abbreviations = ['NO', 'ES', 'SS', 'SR', 'FW', 'TW', 'CL', 'CW', 'LA', 'LI', 'SA']
const closing: ReadonlySet<StateName> = new Set(['FIN_WAIT', 'TIME_WAIT', 'CLOSE', 'CLOSE_WAIT', 'LAST_ACK'])
/** With both directions in sight, half closed is not closing yet. */
const closed: ReadonlySet<StateName> = new Set(['TIME_WAIT', 'CLOSE', 'LAST_ACK'])
const halfOpen: ReadonlySet<StateName> = new Set(['SYN_SENT', 'SYN_RECEIVED', 'SYN_ACK'])
/** Candidate slots of a flow. */
const PLACES = 16

function next(rows: Rows, state: StateName, kind: Kind): StateName {
  if (kind === 'udp') return 'UDP'
  const cell = rows[kind].split(' ')[columns.indexOf(state)] as string
  return columns[abbreviations.indexOf(cell)] as StateName
}

/** How gladly a slot is given away; 0 never. Classes first, age inside a class, half-open before probationary at the same age. */
function standing({ timeouts }: Rules, { state, proven, age }: Known): number {
  if (age > timeouts[state] || state === 'NONE') return 1e9
  if (closing.has(state)) return 1e6 + age
  if (halfOpen.has(state)) return 2 + 2 * age
  return proven ? 0 : 1 + 2 * age
}

export class Model {
  readonly entries = new Map<string, Known>()
  displaced = 0
  /** Seconds since a service last had no slot for a new flow. */
  private readonly overflowed = new Map<string, number>()
  /** Where flows without an entry went, by flow. */
  private readonly hashed = new Map<string, string>()

  constructor(private rules: Rules) {}

  /** Other servers, other hash rings. */
  change(rules: Rules): void {
    this.rules = rules
    this.hashed.clear()
  }

  pass(seconds: number): void {
    for (const [flow, entry] of this.entries) this.entries.set(flow, { ...entry, age: entry.age + seconds })
    for (const [service, age] of this.overflowed) this.overflowed.set(service, age + seconds)
  }

  /** How many entries are over; they go. */
  sweep(): number {
    const over = [...this.entries].filter(([, entry]) => this.isOver(entry))
    for (const [flow] of over) this.entries.delete(flow)
    return over.length
  }

  private isOver({ state, age }: Known): boolean {
    return age > this.rules.timeouts[state]
  }

  /** Takes one packet and what became of it; returns what is wrong with that, and keeps what the table must hold now. */
  take(packet: Packet, seen: Seen): string[] {
    const entry = this.entries.get(packet.flow)
    if (packet.isReply) return this.replied(packet, entry, seen)
    const over = this.rules.twoWay ? closed : closing
    if (entry && !this.isOver(entry) && !(packet.kind === 'S' && over.has(entry.state))) return this.goesOn(packet, entry, seen)
    return packet.kind === 'S' || packet.kind === 'udp' ? this.begins(packet, seen) : this.isStray(packet, seen)
  }

  private goesOn({ flow, kind }: Packet, entry: Known, { outcome, server }: Seen): string[] {
    const later = entry.age > 0
    const proven = entry.proven || kind === 'udp' || (later && entry.state === 'ESTABLISHED')
    this.entries.set(flow, { ...entry, proven, state: next(this.requests(), entry.state, kind), age: 0 })
    return outcome === 'FORWARDED' && server === entry.server ? [] : [`should go on to ${entry.server}`]
  }

  private requests(): Rows {
    return this.rules.twoWay ? requests : alone
  }

  /** A server that goes on in a later second has shaken hands with somebody real. */
  private replied({ flow, kind }: Packet, entry: Known | undefined, { outcome }: Seen): string[] {
    if (!entry || this.isOver(entry)) return outcome === 'NOT_A_REPLY' ? [] : ['should be no reply']
    const proven = entry.proven || (entry.age > 0 && entry.state === 'ESTABLISHED' && (kind === 'A' || kind === 'FA'))
    this.entries.set(flow, { ...entry, proven, state: next(replies, entry.state, kind), age: 0 })
    return outcome === 'REPLIED' ? [] : ['should be replied']
  }

  private begins(packet: Packet, { outcome, server = '' }: Seen): string[] {
    if (this.rules.twoWay && outcome === 'NO_SLOT') return this.lacksRoom(packet)
    if (outcome !== 'FORWARDED' && outcome !== 'HASHED') return ['should begin a connection']
    const faults = this.rules.eligible.get(packet.service)?.has(server) ? [] : [`${server} gets no new connections`]
    if (packet.kind === 'udp') faults.push(...this.strays(packet, server, this.rules.timeouts.UDP))
    if (outcome === 'FORWARDED') this.enter(packet, server)
    else faults.push(...this.overflow(packet, server))
    return faults
  }

  /** What follows a packet that went by its hash goes the same way, for as long as its flow may live. */
  private strays({ flow, service }: Packet, server: string, timeout: number): string[] {
    const before = this.hashed.get(flow)
    const age = this.overflowed.get(service)
    if (before === undefined || before === server || age === undefined || age > timeout) return []
    return [`went by its hash to ${before} before`]
  }

  private enter({ flow, kind }: Packet, server: string): void {
    this.entries.set(flow, { server, state: next(this.requests(), 'NONE', kind), proven: false, age: 0, place: -1 })
    this.hashed.delete(flow)
  }

  private overflow(packet: Packet, server: string): string[] {
    this.overflowed.set(packet.service, 0)
    this.hashed.set(packet.flow, server)
    return this.lacksRoom(packet)
  }

  private lacksRoom({ flow }: Packet): string[] {
    if (this.entries.has(flow)) return ['had an entry to renew']
    return this.mayBeFull() ? [] : ['was not entered although there was room']
  }

  /** Sixteen slots that nobody may take are the least that leaves a flow without any. */
  private mayBeFull(): boolean {
    return [...this.entries.values()].filter((entry) => standing(this.rules, entry) === 0).length >= PLACES
  }

  private isStray(packet: Packet, seen: Seen): string[] {
    return this.rules.twoWay ? this.isRefused(packet, seen) : this.isHashed(packet, seen)
  }

  /** Behind NAT it may have an entry, where strays go by their hash; else it is refused. */
  private isRefused(packet: Packet, { outcome, server = '' }: Seen): string[] {
    const { kind, service } = packet
    const mayHave = this.rules.stray[service] === 'hash' && kind !== 'R' && kind !== 'FA'
    if (mayHave && outcome === 'FORWARDED') {
      this.enter(packet, server)
      return []
    }
    if (kind !== 'R' && kind !== 'FA' && outcome === 'NO_SLOT') return this.lacksRoom(packet)
    const resets = kind !== 'R' && this.rules.stray[service] === 'reset'
    if (outcome === 'RESET_SENT' && resets) return []
    return outcome === 'STRAY' && !mayHave && (!resets || (kind === 'FA' && this.mayBeFull())) ? [] : ['should be refused']
  }

  private isHashed(packet: Packet, { outcome, server = '' }: Seen): string[] {
    const refused = packet.kind === 'R' ? 'STRAY' : 'RESET_SENT'
    const age = this.overflowed.get(packet.service)
    const must = this.rules.stray[packet.service] === 'hash' || (age !== undefined && age <= this.rules.timeouts.ESTABLISHED)
    if (outcome === refused) return must ? ['should go by its hash'] : []
    if (!must && !this.mayBeFull()) return [`should be ${refused}`]
    const leavesEntry = outcome === 'FORWARDED' && packet.kind !== 'R' && packet.kind !== 'FA'
    if (outcome !== 'HASHED' && !leavesEntry) return ['should go by its hash']
    const faults = this.strays(packet, server, this.rules.timeouts.ESTABLISHED)
    if (leavesEntry) this.enter(packet, server)
    return faults
  }

  /** Compares with what the table holds, and learns who was displaced. */
  compare(table: ReadonlyMap<string, Known>): string[] {
    const gone = [...this.entries].filter(([flow]) => !table.has(flow))
    const fresh = [...table].filter(([flow]) => this.entries.get(flow)?.place === -1)
    const faults = [...table].flatMap(([flow, entry]) => this.differences(flow, entry))
    if (gone.length > fresh.length) faults.push(`lost ${gone.map(([flow]) => flow).join(', ')}`)
    for (const [flow, entry] of gone) {
      this.entries.delete(flow)
      this.displaced++
      faults.push(...this.displacement(flow, entry))
    }
    for (const [flow, entry] of table) this.entries.set(flow, entry)
    return faults
  }

  private differences(flow: string, found: Known): string[] {
    const known = this.entries.get(flow)
    if (!known) return [`${flow} should have no entry`]
    const wanted = { ...known, place: known.place === -1 ? found.place : known.place }
    const [a, b] = [wanted, found].map(({ server, state, proven, age, place }) => `${server} ${state} ${proven} ${age} @${place}`)
    return a === b ? [] : [`${flow} should be ${a}, is ${b}`]
  }

  /** Nobody of the same bucket would have been given away more gladly. */
  private displacement(flow: string, entry: Known): string[] {
    const given = standing(this.rules, entry)
    if (given === 0) return [`${flow} was displaced, ${entry.state} and proven`]
    const bucket = [...this.entries].filter(
      ([, other]) => other.place >= 0 && Math.floor(other.place / 8) === Math.floor(entry.place / 8),
    )
    const better = bucket.filter(([, other]) => standing(this.rules, other) > given)
    return better.map(([other]) => `${flow} was displaced before ${other}`)
  }
}
