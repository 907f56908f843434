// SPDX-License-Identifier: Apache-2.0
// What NAT's replies are held against: the requests that were sent on before them, as their servers saw them.
import { endpoint } from './addresses.js'
import type { ConnectionTable, Entry, StateName } from './connection_table.js'
import { type Reading, readFrame } from './reading.js'
import { isSent, type Verdict } from './verdict.js'

interface Ends {
  readonly from: string
  readonly to: string
}

/** Both ends as a server saw them. */
export interface AtServer {
  readonly protocol: number
  readonly server: string
  readonly port: number
  readonly client: string
  readonly clientPort: number
}

const RECENT = 12

export class Conversations {
  /** Requests that were rewritten last. */
  readonly recent: AtServer[] = []

  constructor(
    private readonly table: ConnectionTable,
    private readonly timeouts: () => Readonly<Record<StateName, number>>,
  ) {}

  /** By protocol and both ends at the server: the ends as the client has them. */
  private readonly known = new Map<string, Ends>()

  /** Takes a packet and what became of it; returns what is wrong. */
  take(sent: Buffer, verdict: Verdict): string | undefined {
    const before = readFrame(sent)
    const after = readFrame(verdict.packet)
    if (!before || !after) return undefined
    const isReply = verdict.outcome === 'REPLIED' || verdict.outcome === 'REPLY_REDIRECTED'
    if (!isReply && !isSent(verdict)) return undefined
    if (before.quoted && after.quoted) return this.quoted(before.quoted, after.quoted, isReply)
    const [was, is] = [endsOf(before), endsOf(after)]
    if (!was || !is) return undefined
    if (isReply) return this.isBack(before.protocol, turned(was), turned(is))
    if (before.protocol === after.protocol) this.note(after, is, was)
    return undefined
  }

  private note({ protocol, source, destination, ports }: Reading, atServer: Ends, atClient: Ends): void {
    this.known.set(nameOf(protocol, atServer), atClient)
    if (nameOf(protocol, atServer) === nameOf(protocol, atClient) || !ports) return
    this.recent.push({ protocol, server: destination, port: ports.destination, client: source, clientPort: ports.source })
    if (this.recent.length > RECENT) this.recent.shift()
  }

  /** An error quotes a packet that went the other way: to a client its own request, to a server its own reply. */
  private quoted(before: Reading, after: Reading, isReply: boolean): string | undefined {
    const [was, is] = [endsOf(before), endsOf(after)]
    // direct routing and tunnels leave it as it is
    if (!was || !is || nameOf(0, was) === nameOf(0, is)) return undefined
    return isReply ? this.isBack(before.protocol, was, is) : this.isBack(before.protocol, turned(is), turned(was))
  }

  /**
   * A request that was answered, or that had no way to its server, made an entry and was never seen by a server: then the table says
   * whose the conversation is now.
   */
  private isBack(protocol: number, atServer: Ends, atClient: Ends): string | undefined {
    const request = this.known.get(nameOf(protocol, atServer))
    const got = nameOf(protocol, atClient)
    if (request && nameOf(protocol, request) === got) return undefined
    if (this.lives(atClient, atServer) && !(request && this.lives(request, atServer))) return undefined
    const wanted = request ? `is ${nameOf(protocol, request)}` : 'nobody has sent'
    return `what its server knows as ${nameOf(protocol, atServer)} ${wanted}, and the client hears of ${got}`
  }

  private lives({ from, to }: Ends, atServer: Ends): boolean {
    const ownPort = from === atServer.from ? 0 : portOf(atServer.from)
    return this.table
      .of(from)
      .some((entry) => entry.servicePort === portOf(to) && entry.ownPort === ownPort && !this.isOver(entry))
  }

  private isOver({ state, second }: Entry): boolean {
    return ((secondNow() - second) & 0xffff) > this.timeouts()[state]
  }
}

/** As bpf/clock.h has it. */
function secondNow(): number {
  return Number(((process.hrtime.bigint() >> 20n) * 70_369n) >> 26n)
}

function portOf(place: string): number {
  return Number(place.slice(place.lastIndexOf(':') + 1))
}

function endsOf({ source, destination, ports }: Reading): Ends | undefined {
  if (!ports) return undefined
  return { from: endpoint(source, ports.source), to: endpoint(destination, ports.destination) }
}

function turned({ from, to }: Ends): Ends {
  return { from: to, to: from }
}

function nameOf(protocol: number, { from, to }: Ends): string {
  return `${protocol} ${from} > ${to}`
}
