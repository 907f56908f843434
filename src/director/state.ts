// SPDX-License-Identifier: Apache-2.0
// What the director knows, and how it decides: from a state and an event to the next state and the writes between them.
import { type Change, changes } from '../model/changes.js'
import { conflictingServers, conflictingServices } from '../model/conflicts.js'
import type { Desired, Service } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import type { Facts } from '../model/facts.js'
import { sameService, shareServices } from '../model/same.js'
import type { Actual, MapWrite } from '../reconcile/actual.js'
import { type Basis, plan } from '../reconcile/plan.js'

export interface State {
  readonly desired: Desired
  readonly facts: Facts
  readonly actual: Actual
  /** Absent until the first plan, and after writes that failed. */
  readonly basis: Basis | undefined
}

export interface Decision {
  readonly state: State
  readonly writes: readonly MapWrite[]
}

/** The state with the maps brought in line. */
export function settle(state: State): Decision {
  const { writes, next, basis } = plan(state.desired, state.facts, state.actual, state.basis)
  return { state: { ...state, actual: next, basis }, writes }
}

export interface ChangeDecision extends Decision {
  readonly changes: readonly Change[]
}

/** What may change while the director runs. */
export type Wanted = Pick<Desired, 'services' | 'timeouts' | 'sources'>

/** The state with what is wanted in place of what was; a UserError when services contradict each other or do not fit. */
export function decide(state: State, wanted: Wanted): ChangeDecision {
  const before = state.desired.services
  const services = shareServices(before, wanted.services)
  refuseConflicts(before, services)
  const decision = settle({ ...state, desired: { ...state.desired, ...wanted, services } })
  return { ...decision, changes: changes(before, services) }
}

/** The same services in the same order? */
export function sameServices(a: readonly Service[], b: readonly Service[]): boolean {
  return a.length === b.length && a.every((service, place) => sameService(service, b[place]))
}

function refuseConflicts(before: readonly Service[], services: readonly Service[]): void {
  const known = new Set(before)
  const ofServers = services.flatMap((service, place) =>
    known.has(service) ? [] : conflictingServers(service.servers, `services[${place}].servers`),
  )
  const found = [...conflictingServices(services), ...ofServers]
  if (found.length > 0) throw new UserError('conflict', found.map(({ message }) => message).join('; '), found)
}
