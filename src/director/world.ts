// SPDX-License-Identifier: Apache-2.0
// Everything that the director needs from outside, as values.
import type { Desired } from '../model/desired.js'
import type { Recorded } from '../model/history.js'
import type { Clock, DataPlane, Interfaces, Journal, Neighbours } from './ports.js'

/** What of pino is used here: one line an event, with service and server as fields. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The configuration file as parsed, and a digest of its text. */
export interface ConfigurationFile {
  readonly desired: Desired
  readonly digest: string
}

export interface World {
  readonly version: string
  readonly file: ConfigurationFile
  /** What the journal remembered; undefined on a first start. */
  readonly recorded: Recorded | undefined
  readonly dataPlane: DataPlane
  readonly neighbours: Neighbours
  readonly interfaces: Interfaces
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
}
