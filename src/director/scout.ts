// SPDX-License-Identifier: Apache-2.0
// Keeps the facts: where servers answer, which interfaces carry the program; and has the maps follow them.
import type { Facts } from '../model/facts.js'
import type { Actual } from '../reconcile/actual.js'
import { sameInterfaces } from '../reconcile/affected.js'
import { adoptedPlaces, BELIEVED, type Believed, gatherFacts, nothing } from './facts.js'
import type { Machine } from './machine.js'
import { settle } from './state.js'
import type { World } from './world.js'

/** How long readiness waits for servers that may yet answer, in milliseconds. */
const PATIENCE = 1000

export interface Scout {
  /** Believes the routes in the adopted maps for some seconds. */
  adopt(adopted: Actual): void
  facts(): Facts
  /** The first apply has reached the maps. */
  started(): void
  /** Has the desired servers resolved from now on. */
  watch(): void
  /** Gathers the facts anew and brings the maps in line; calls that come meanwhile share one more look. */
  look(): Promise<void>
  tick(): Promise<void>
  /** The maps may not hold what they should; tried again at each tick. */
  failed(error: unknown): void
  failure(): string | undefined
  /** True once the first apply has reached the maps and every server was resolved, or a second has passed. */
  ready(): boolean
  interfaceNames(): ReadonlyMap<number, string>
}

export function createScout({ neighbours, interfaces, clock, log }: World, machine: Machine): Scout {
  let believed: Believed = nothing
  let believedUntil = 0
  let startedAt: number | undefined
  let isReady = false
  let failure: string | undefined
  let looking = false

  const facts = () => gatherFacts(neighbours, believed, interfaces.attached())

  async function look(): Promise<void> {
    if (looking || startedAt === undefined) return
    looking = true
    try {
      await machine.submit((state) => {
        looking = false
        return settle({ ...state, facts: facts() })
      })
      if (failure !== undefined) log.info({}, 'the maps are in line again')
      failure = undefined
    } catch (error) {
      failed(error)
    }
  }

  function failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== failure) log.error({ error: message }, 'the maps are not in line; trying again')
    failure = message
  }

  function resolvedAll(): boolean {
    const { desired, facts } = machine.state()
    return desired.services.every(({ servers }) =>
      servers.every(({ address }) => facts.neighbours.has(address) || facts.own.has(address)),
    )
  }

  return {
    facts,
    look,
    failed,
    failure: () => failure,
    adopt(adopted) {
      believed = adoptedPlaces(adopted, interfaces.attached())
      believedUntil = clock.monotonic() + BELIEVED
    },
    started() {
      startedAt = clock.monotonic()
    },
    watch() {
      const servers = machine.state().desired.services.flatMap((service) => service.servers)
      // Direct routing changes MAC addresses alone: a router in between would send the packet back.
      const direct = new Set(servers.filter(({ forwarding }) => forwarding === 'dr').map(({ address }) => address))
      const addresses = new Set(servers.map(({ address }) => address))
      neighbours.watch([...addresses], new Set([...addresses].filter((address) => !direct.has(address))))
    },
    async tick() {
      const disbelieved = believed !== nothing && clock.monotonic() >= believedUntil
      if (disbelieved) believed = nothing
      const moved = !sameInterfaces(machine.state().facts.interfaces, interfaces.attached())
      if (disbelieved || moved || failure !== undefined) await look()
    },
    ready() {
      if (startedAt === undefined) return false
      isReady ||= clock.monotonic() - startedAt >= PATIENCE || resolvedAll()
      return isReady
    },
    interfaceNames() {
      const { actual, facts } = machine.state()
      const names = new Map(facts.interfaces.map(({ ifindex, name }) => [ifindex, name]))
      return new Map([...actual.interfaces.values()].map(({ index, ifindex }) => [index, names.get(ifindex) ?? `#${ifindex}`]))
    },
  }
}
