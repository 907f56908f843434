// SPDX-License-Identifier: Apache-2.0
// What is true now beside the desired state: runtime facts, never journalled.
import type { Address } from './desired.js'

/** Where a real server answers: found by ARP on one of the interfaces. */
export interface Resolved {
  /** `02:00:00:00:00:11` */
  readonly mac: string
  /** The interface's name. */
  readonly interface: string
}

/** An interface that carries the XDP program. */
export interface Attached {
  readonly name: string
  readonly ifindex: number
  readonly mac: string
  readonly mode: 'native' | 'generic'
  /** Why not native, where it was wanted. */
  readonly reason?: string
}

export interface Facts {
  /** Resolved servers by address; one that is absent is unresolved. */
  readonly neighbours: ReadonlyMap<Address, Resolved>
  readonly interfaces: readonly Attached[]
}
