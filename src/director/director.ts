// SPDX-License-Identifier: Apache-2.0
// Something happens, a pure function decides what follows, the machine carries it out.
import type { Service } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { unknownFacts } from '../model/facts.js'
import { combine, type Recorded } from '../model/history.js'
import { settingsThatNeedRestart } from '../model/settings.js'
import { blank } from '../reconcile/actual.js'
import { pageOfConnections } from './connections.js'
import { directoryOf, findListed, findListedServer } from './directory.js'
import { logChanges } from './events.js'
import { createMachine } from './machine.js'
import { overview } from './overview.js'
import type { JournalEntry } from './ports.js'
import type { Journalled } from './queue.js'
import { createScout } from './scout.js'
import { type ChangeDecision, decide, type State, sameServices } from './state.js'
import { createTrafficMeter } from './statistics.js'
import { type Sources, statistics, statusOfServer, statusOfService } from './status.js'
import { createRester, createSweeper, createVipKeeper } from './upkeep.js'
import type { Director } from './view.js'
import type { ConfigurationFile, World } from './world.js'

/** A director and what its process does with it. */
export interface RunningDirector extends Director {
  /** Adopts what is pinned, combines file and journal, and brings the maps in line. Rejects with a UserError when it does not fit. */
  start(): Promise<void>
  /** To be called about once a second: counters, sweep, VIPs, interfaces. */
  tick(): Promise<void>
  /** To be called when an answer of `neighbours.current()` has changed. */
  neighboursChanged(): void
  /** The file was read again; resolves to the settings that differ and take a restart. */
  reload(file: ConfigurationFile): Promise<readonly string[]>
  /** Resolves once nothing is on its way; the data plane goes on. */
  stop(): Promise<void>
}

export function createDirector(world: World): RunningDirector {
  const { file, dataPlane, interfaces, clock, log } = world
  const startedAt = { wall: clock.now(), monotonic: clock.monotonic() }
  const combined = combine({ services: file.desired.services, digest: file.digest }, world.recorded)
  let base: Pick<Recorded, 'base' | 'fileDigest'> = combined.fromFile
    ? { base: file.desired.services, fileDigest: file.digest }
    : (world.recorded as Recorded)
  let closed = false

  const initial: State = {
    desired: { ...file.desired, services: combined.services },
    facts: unknownFacts,
    actual: blank,
    basis: undefined,
  }
  const machine = createMachine(world, initial, {
    changed: () => void rester.rest(),
    failed: (error) => scout.failed(error),
  })
  const rester = createRester(world, machine)
  const sweeper = createSweeper(world, machine)
  const vips = createVipKeeper(world, machine)
  const scout = createScout(world, machine)
  const meter = createTrafficMeter(dataPlane, clock)

  const directory = () => directoryOf(machine.state())

  const sources = (): Sources => ({
    meter,
    load: (server) => dataPlane.load(server),
    interfaceNames: scout.interfaceNames(),
    absent: vips.absent(),
  })

  function entry(
    origin: JournalEntry['origin'],
    fileDigest: string,
    summary: string,
    services: readonly Service[],
  ): JournalEntry {
    return { time: new Date(clock.now()).toISOString(), origin, fileDigest, summary, services }
  }

  /** What the API decided, with what must be on the disk first; nothing when it changes nothing. */
  function decideChange(state: State, summary: string, next: (services: readonly Service[]) => readonly Service[]) {
    const decision = decide(state, { ...state.desired, services: next(state.desired.services) })
    const { services } = decision.state.desired
    return sameServices(state.desired.services, services)
      ? { ...decision, state, writes: [] }
      : { ...decision, entry: entry('api', base.fileDigest, summary, services) }
  }

  /** Tries again once lines that rest are free, where they are what is missing. */
  async function submitWithRoom<D extends Journalled>(decision: (state: State) => D): Promise<D> {
    try {
      return await machine.submit(decision)
    } catch (error) {
      const missing = error instanceof UserError && error.code === 'tooMany'
      if (!missing || machine.state().actual.resting.length === 0) throw error
      await rester.rest()
      return machine.submit(decision)
    }
  }

  function settled(summary: string, decision: ChangeDecision): void {
    logChanges(log, summary, decision.changes)
    if (decision.changes.some(({ action }) => action !== 'change')) scout.watch()
    if (decision.changes.some(({ path }) => path.split('/').length === 2)) void vips.tend()
  }

  function logUndone(undone: readonly string[]): void {
    for (const change of undone) log.warn({ undone: change }, 'the changed file undoes a change made through the API')
  }

  return {
    async start() {
      const adopted = dataPlane.adopt()
      scout.adopt(adopted)
      logUndone(combined.undone)
      const { desired } = machine.state()
      await machine.submit((state) => ({ state: { ...state, actual: adopted }, writes: [] }))
      scout.watch()
      const summary = ['configuration file', ...combined.undone.map((change) => `undone: ${change}`)].join('; ')
      await machine.submit((state) => ({
        ...decide({ ...state, facts: scout.facts() }, desired),
        ...(combined.fromFile ? { entry: entry('file', file.digest, summary, desired.services) } : {}),
      }))
      scout.started()
      await scout.look()
      log.info({ adopted: adopted.listeners.size, services: desired.services.length }, 'the maps are in line')
      await vips.tend()
      meter.read()
    },

    async tick() {
      if (closed) return
      await scout.tick()
      await Promise.all([rester.rest(), sweeper.sweep(), vips.tend()])
      meter.read()
    },

    neighboursChanged: () => void scout.look(),

    async reload(changed) {
      const differing = settingsThatNeedRestart(machine.state().desired, changed.desired)
      for (const setting of differing) log.warn({ setting }, 'the file has another value, which takes a restart')
      const decision = await submitWithRoom((state) => {
        const { services, fromFile, undone } = combine(
          { services: changed.desired.services, digest: changed.digest },
          { ...base, services: state.desired.services },
        )
        const decided = decide(state, { services, timeouts: changed.desired.timeouts, sources: changed.desired.sources })
        const summary = ['configuration file', ...undone.map((change) => `undone: ${change}`)].join('; ')
        return { ...decided, undone, ...(fromFile ? { entry: entry('file', changed.digest, summary, services) } : {}) }
      })
      if (decision.entry) base = { base: changed.desired.services, fileDigest: changed.digest }
      logUndone(decision.undone)
      settled('configuration file', decision)
      return differing
    },

    async stop() {
      closed = true
      await machine.idle()
    },

    ready: () => scout.ready(),
    desired: () => machine.state().desired,

    async change(summary, next) {
      const decision = await submitWithRoom((state) => decideChange(state, summary, next))
      settled(summary, decision)
      return decision.changes
    },

    dryRun: (next) => decideChange(machine.state(), 'dry run', next).changes,

    status: () =>
      overview({
        version: world.version,
        startedAt,
        clock,
        state: machine.state(),
        interfaces: interfaces.attached(),
        sweep: sweeper.latest(),
        absent: vips.absent(),
        failure: scout.failure(),
      }),

    serviceStatus: (name) => statusOfService(findListed(directory(), name), sources()),
    serverStatus: (service, server) => statusOfServer(findListedServer(findListed(directory(), service), server), sources()),
    statistics: () => statistics(directory().all, sources()),
    resetStatistics: () => meter.reset(),
    connections: (query) => pageOfConnections(dataPlane, directory(), query),
  }
}
