// SPDX-License-Identifier: Apache-2.0
// What goes on between changes: sweeps, grace periods, and VIPs that should be somewhere.
import type { Address } from '../model/desired.js'
import { vipsOf } from '../model/listener.js'
import { afterGrace, afterSweep } from '../reconcile/aftermath.js'
import type { Machine } from './machine.js'
import type { SweepReport } from './ports.js'
import type { State } from './state.js'
import type { World } from './world.js'

type Retired = State['actual']['retired']

export interface Sweeper {
  /** One whole sweep, after which the indices that were retired before are free. Does nothing while another one is under way. */
  sweep(): Promise<void>
  latest(): SweepReport | undefined
}

export function createSweeper({ dataPlane, log }: Pick<World, 'dataPlane' | 'log'>, machine: Machine): Sweeper {
  let latest: SweepReport | undefined
  let sweeping = false

  async function sweep(retired: Retired): Promise<void> {
    sweeping = true
    try {
      latest = await dataPlane.sweep(retired)
      if (latest.mended > 0) log.warn({ mended: latest.mended }, 'connection counters mended')
      if (retired.listeners.size + retired.servers.size === 0) return
      await machine.submit((state) => {
        const { writes, next } = afterSweep(state.actual, retired)
        return { state: { ...state, actual: next }, writes }
      })
    } catch (error) {
      log.error({ error: String(error) }, 'the sweep failed')
    } finally {
      sweeping = false
    }
  }

  return {
    sweep: async () => {
      if (!sweeping) await sweep(machine.state().actual.retired)
    },
    latest: () => latest,
  }
}

export interface Rester {
  /** Resolves once every ring line that rests now is free; grace periods are shared. */
  rest(): Promise<void>
}

export function createRester({ dataPlane, log }: Pick<World, 'dataPlane' | 'log'>, machine: Machine): Rester {
  let running: Promise<void> | undefined

  async function round(): Promise<void> {
    const { resting } = machine.state().actual
    await dataPlane.grace()
    await machine.submit((state) => ({ state: { ...state, actual: afterGrace(state.actual, resting) }, writes: [] }))
  }

  async function rounds(): Promise<void> {
    try {
      while (machine.state().actual.resting.length > 0) await round()
    } catch (error) {
      log.error({ error: String(error) }, 'waiting for a grace period failed')
    } finally {
      running = undefined
    }
  }

  return {
    rest: async () => {
      if (machine.state().actual.resting.length === 0) return
      running ??= rounds()
      await running
    },
  }
}

export interface VipKeeper {
  /** Adds and announces VIPs where that is the director's task, and finds those, and sources, that are on no interface. */
  tend(): Promise<void>
  absent(): ReadonlySet<Address>
}

export function createVipKeeper({ interfaces, log }: Pick<World, 'interfaces' | 'log'>, machine: Machine): VipKeeper {
  let assigned: string | undefined
  let absent: ReadonlySet<Address> = new Set()

  async function assign(vips: readonly Address[]): Promise<void> {
    if (machine.state().desired.vips !== 'assign' || vips.join() === assigned) return
    await interfaces.assign(vips)
    assigned = vips.join()
  }

  function notice(now: ReadonlySet<Address>, sources: readonly Address[]): void {
    const what = (address: Address) => (sources.includes(address) ? 'source' : 'VIP')
    for (const vip of now) if (!absent.has(vip)) log.warn({ vip }, `the ${what(vip)} is on no interface`)
    for (const vip of absent) if (!now.has(vip)) log.info({ vip }, `the ${what(vip)} is on an interface now`)
    absent = now
  }

  return {
    async tend() {
      const { services, sources } = machine.state().desired
      const vips = vipsOf(services)
      try {
        await assign(vips)
        notice(new Set(interfaces.absent([...vips, ...sources])), sources)
      } catch (error) {
        log.error({ error: String(error) }, 'VIPs could not be looked after')
      }
    },
    absent: () => absent,
  }
}
