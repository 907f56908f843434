// SPDX-License-Identifier: Apache-2.0
// What the director shows to api/ and cli/, and what it takes from them.
import type { Change } from '../model/changes.js'
import type { Address, Desired, Forwarding, Protocol, Service } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import type { TableFill } from './ports.js'

export interface TrafficStatus {
  readonly activeConnections: number
  readonly inactiveConnections: number
  /** Totals since the maps were made or statistics were reset; bytes of whole IP packets, from clients. Beyond 2^53 they lose their last digits. */
  readonly connections: number
  readonly packets: number
  readonly bytes: number
  /** From servers that answer through the director. */
  readonly replyPackets: number
  readonly replyBytes: number
  /** Rates a second over the last few seconds. */
  readonly connectionsPerSecond: number
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
  readonly replyPacketsPerSecond: number
  readonly replyBytesPerSecond: number
}

export interface ServerStatus extends TrafficStatus {
  readonly state: 'up' | 'down' | 'draining' | 'unresolved'
  /** In effect now. */
  readonly weight: number
  readonly mac?: string
  readonly interface?: string
}

export interface ServiceStatus extends TrafficStatus {
  /** up: every server of positive weight can be sent to; degraded: some; down: none. */
  readonly state: 'up' | 'down' | 'degraded'
  /** What an administrator should know: "the VIP is on no interface". */
  readonly warnings: readonly string[]
}

export interface TableStatus extends TableFill {
  readonly bytes: number
}

export interface DirectorStatus {
  readonly version: string
  /** ISO 8601 */
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly interfaces: readonly Attached[]
  readonly table: TableStatus & { readonly lastSweepMilliseconds: number }
  /** Of the connections of IPv6, networks of VIPs, and full NAT. */
  readonly wideTable: TableStatus
  readonly limits: Desired['limits']
  readonly services: number
  readonly servers: number
  readonly warnings: readonly string[]
}

export interface Statistics {
  /** By outcome name in lower case with underscores: forwarded, not_ours, … */
  readonly outcomes: Readonly<Record<string, { readonly packets: number; readonly packetsPerSecond: number }>>
  /** Services and their servers in the desired order. */
  readonly services: readonly {
    readonly name: string
    readonly status: ServiceStatus
    readonly servers: readonly { readonly address: Address; readonly port: number; readonly status: ServerStatus }[]
  }[]
}

export interface ConnectionView {
  readonly protocol: Protocol
  /** `address:port`, `[address]:port` */
  readonly client: string
  readonly virtual: string
  readonly server: string
  readonly forwarding: Forwarding
  readonly state: string
  /** Seconds. */
  readonly expiresIn: number
}

export type { Change }

export interface Director {
  /** True once the first apply has reached the maps. */
  ready(): boolean
  desired(): Desired
  /**
   * Makes `next(services)` the desired services: checked whole, journalled, then in the maps. Changes are taken one after
   * another, so `next` sees the state that the one before left. Rejects with a UserError (model/errors.ts), which changes nothing.
   */
  change(summary: string, next: (services: readonly Service[]) => readonly Service[]): Promise<readonly Change[]>
  /** The same, without doing it. */
  dryRun(next: (services: readonly Service[]) => readonly Service[]): readonly Change[]
  status(): DirectorStatus
  serviceStatus(name: string): ServiceStatus
  serverStatus(service: string, server: string): ServerStatus
  statistics(): Statistics
  resetStatistics(): void
  connections(query: {
    service?: string
    server?: string
    client?: Address
    limit: number
    cursor?: string
  }): Promise<{ items: readonly ConnectionView[]; nextCursor?: string }>
}
