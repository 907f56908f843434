// SPDX-License-Identifier: Apache-2.0
// Puts the controller's parts together: journal, data plane, interfaces, neighbours, director.
import { mkdirSync, readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { createDirector, type RunningDirector } from '../director/director.js'
import type { ConfigurationFile } from '../director/world.js'
import { createDataPlane } from '../effects/data_plane.js'
import { createInterfaces, type RunningInterfaces } from '../effects/interfaces.js'
import { type OpenJournal, openJournal } from '../effects/journal.js'
import { lockFolder } from '../effects/lock.js'
import { openMaps } from '../effects/maps.js'
import { createNeighbours, type RunningNeighbours } from '../effects/neighbours.js'
import { makePinDir } from '../effects/pins.js'
import { loadProgram } from '../effects/program.js'
import { vipsOf } from '../model/listener.js'

export const version = (
  JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export interface Parts {
  readonly director: RunningDirector
  readonly interfaces: RunningInterfaces
  readonly neighbours: RunningNeighbours
  readonly journal: OpenJournal
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Adopts what is pinned, or makes it; the director is not started yet. Throws a UserError that names what does not fit. */
export async function assemble(file: ConfigurationFile, log: Logger): Promise<Parts> {
  const { pinDir, stateDir, limits, interfaces: names, xdpMode } = file.desired
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  lockFolder(stateDir, 'stateDir')
  makePinDir(pinDir)
  lockFolder(pinDir, 'pinDir')
  const journal = await openJournal(stateDir)
  const loaded = loadProgram(pinDir, limits)
  const { program, adopted } = loaded
  log.info({ pinDir, adopted }, adopted ? 'program loaded over the pinned maps' : 'program loaded with new maps')
  const dataPlane = createDataPlane(openMaps(loaded))
  const interfaces = createInterfaces({ pinDir, interfaces: names, xdpMode, program }, stateDir, log)
  const neighbours = createNeighbours({
    attached: interfaces.attached,
    vips: () => new Set(vipsOf(director.desired().services)),
    changed: () => director.neighboursChanged(),
    log,
  })
  const world = { version, file, recorded: journal.recorded, dataPlane, neighbours, interfaces, journal, clock, log }
  const director: RunningDirector = createDirector(world)
  return { director, interfaces, neighbours, journal }
}
