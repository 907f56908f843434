// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import type { Clock, SweepReport, TableFill } from './ports.js'
import type { State } from './state.js'
import { interfaceWarnings } from './status.js'
import type { DirectorStatus, TableStatus } from './view.js'

/** Bytes of a connection slot, and of one that is wide. */
const SLOT = 16
const WIDE_SLOT = 32

/** From this part of the slots on, the table is called nearly full. */
const NEARLY_FULL = 0.9

export interface Vitals {
  readonly version: string
  readonly startedAt: { readonly wall: number; readonly monotonic: number }
  readonly clock: Clock
  readonly state: State
  readonly interfaces: readonly Attached[]
  readonly sweep: SweepReport | undefined
  readonly absent: ReadonlySet<Address>
  readonly failure: string | undefined
}

/** The director as a whole. */
export function overview({ version, startedAt, clock, state, interfaces, sweep, absent, failure }: Vitals): DirectorStatus {
  const { services, sources, limits } = state.desired
  return {
    version,
    startedAt: new Date(startedAt.wall).toISOString(),
    uptimeSeconds: Math.floor((clock.monotonic() - startedAt.monotonic) / 1000),
    interfaces,
    table: { ...tableOf(sweep, SLOT), lastSweepMilliseconds: sweep?.milliseconds ?? 0 },
    wideTable: tableOf(sweep?.wide, WIDE_SLOT),
    limits,
    services: services.length,
    servers: services.reduce((sum, { servers }) => sum + servers.length, 0),
    warnings: [
      ...(failure === undefined ? [] : [`the maps are not in line: ${failure}`]),
      ...interfaceWarnings(interfaces),
      ...[...absent].map((address) => `the ${sources.includes(address) ? 'source' : 'VIP'} ${address} is on no interface`),
      ...tableWarnings('the connection table', sweep),
      ...tableWarnings('the connection table of IPv6, networks and full NAT', sweep?.wide),
    ],
  }
}

function tableOf(fill: TableFill | undefined, slot: number): TableStatus {
  const { slots = 0, used = 0, established = 0, probationary = 0 } = fill ?? {}
  return { slots, used, established, probationary, bytes: slots * slot }
}

/** One that has no slots is not there. */
function tableWarnings(table: string, fill: TableFill | undefined): string[] {
  if (!fill || fill.slots === 0 || fill.used < fill.slots * NEARLY_FULL) return []
  return [`${table} is ${Math.floor((fill.used / fill.slots) * 100)} % full`]
}
