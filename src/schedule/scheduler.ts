// SPDX-License-Identifier: Apache-2.0

/** A server that may be in a ring: its index in the maps, and its weight, which is positive. */
export interface Candidate {
  /** `10.0.0.11:80`: what the flow-hash ring places it by, on every director alike. */
  readonly name: string
  readonly index: number
  readonly weight: number
}

/** From servers in list order to a ring: the candidates' places, in the order of their turns. */
export type Scheduler = (weights: readonly number[]) => Turns

export interface Turns {
  readonly ring: readonly number[]
  /** The shares that the ring gives, for the flow-hash ring beside it. */
  readonly shares: readonly number[]
  /** What an administrator should know. */
  readonly warning?: string
}
