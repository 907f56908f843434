// SPDX-License-Identifier: Apache-2.0
import type { Attached, Egress, Facts } from '../model/facts.js'
import type { InterfaceEntry, MapWrite } from './actual.js'

/** MAXIMUM_INTERFACES of bpf/abi.h; these indices count from 0. */
const MAXIMUM_INTERFACES = 64

/** No packet is longer; lo's MTU is. */
const LARGEST_MTU = 65_535

export interface InterfacePlan {
  readonly next: ReadonlyMap<number, InterfaceEntry>
  /** Index by name. */
  readonly indices: ReadonlyMap<string, number>
  readonly writes: readonly MapWrite[]
  /** Written last, when no server's route names them any more. */
  readonly removals: readonly MapWrite[]
}

/** Keeps the index of every interface that stays, known by its ifindex. */
export function planInterfaces(
  attached: readonly Attached[],
  egress: Facts['egress'],
  actual: ReadonlyMap<number, InterfaceEntry>,
): InterfacePlan {
  const known = new Map([...actual.values()].map((entry) => [entry.ifindex, entry.index]))
  const stay = new Set(attached.map(({ ifindex }) => known.get(ifindex)))
  const free = freeInterfaceIndices(actual, stay)
  const entries = attached.map(({ name, ifindex, mac }) => {
    const index = known.get(ifindex) ?? (free.shift() as number)
    return entryOf(index, { ifindex, mac }, egress.get(name), actual.get(index))
  })
  const next = new Map(entries.map((entry) => [entry.index, entry]))
  const gone = [...actual.keys()].filter((index) => !next.has(index))
  const changed = entries.filter((entry) => !sameInterface(entry, actual.get(entry.index)))
  return {
    next,
    indices: new Map(attached.map(({ name }, place) => [name, (entries[place] as InterfaceEntry).index])),
    writes: changed.map((entry) => ({ kind: 'interface', entry })),
    removals: gone.map((index) => ({ kind: 'removeInterface', index })),
  }
}

/** An interface that is down, or was not looked at yet, keeps what was known of it. */
function entryOf(
  index: number,
  { ifindex, mac }: Pick<Attached, 'ifindex' | 'mac'>,
  egress: Egress | undefined,
  before: InterfaceEntry | undefined,
): InterfaceEntry {
  if (egress) return { index, ifindex, mac, mtu: Math.min(egress.mtu, LARGEST_MTU), addresses: egress.sources }
  if (before?.ifindex === ifindex) return { ...before, mac }
  return { index, ifindex, mac, mtu: 0, addresses: {} }
}

function sameInterface(a: InterfaceEntry, b: InterfaceEntry | undefined): boolean {
  return (
    a.mac === b?.mac &&
    a.ifindex === b.ifindex &&
    a.mtu === b.mtu &&
    a.addresses.IPv4 === b.addresses.IPv4 &&
    a.addresses.IPv6 === b.addresses.IPv6
  )
}

/** Never used ones first, so that a route to an interface that goes does not lead out of its successor. */
function freeInterfaceIndices(actual: ReadonlyMap<number, InterfaceEntry>, stay: ReadonlySet<number | undefined>): number[] {
  const all = Array.from({ length: MAXIMUM_INTERFACES }, (_, index) => index)
  return [...all.filter((index) => !actual.has(index)), ...all.filter((index) => actual.has(index) && !stay.has(index))]
}
