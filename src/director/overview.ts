// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import type { Clock, SweepReport } from './ports.js'
import type { State } from './state.js'
import { interfaceWarnings } from './status.js'
import type { DirectorStatus } from './view.js'

/** Bytes of a connection slot. */
const SLOT = 16

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
  const { services, limits } = state.desired
  return {
    version,
    startedAt: new Date(startedAt.wall).toISOString(),
    uptimeSeconds: Math.floor((clock.monotonic() - startedAt.monotonic) / 1000),
    interfaces,
    table: tableOf(sweep),
    limits,
    services: services.length,
    servers: services.reduce((sum, { servers }) => sum + servers.length, 0),
    warnings: [
      ...(failure === undefined ? [] : [`the maps are not in line: ${failure}`]),
      ...interfaceWarnings(interfaces),
      ...[...absent].map((vip) => `the VIP ${vip} is on no interface`),
      ...tableWarnings(sweep),
    ],
  }
}

function tableOf(sweep: SweepReport | undefined): DirectorStatus['table'] {
  const { slots = 0, used = 0, established = 0, probationary = 0, milliseconds = 0 } = sweep ?? {}
  return { slots, used, established, probationary, bytes: slots * SLOT, lastSweepMilliseconds: milliseconds }
}

function tableWarnings(sweep: SweepReport | undefined): string[] {
  if (!sweep || sweep.used < sweep.slots * NEARLY_FULL) return []
  return [`the connection table is ${Math.floor((sweep.used / sweep.slots) * 100)} % full`]
}
