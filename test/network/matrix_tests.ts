// SPDX-License-Identifier: Apache-2.0
// The cells of some kinds, tried one after another on one lab.
import t from 'tap'
import { type Watch, watchChecksums } from '../../vagrant/checksums.js'
import type { Lab } from '../../vagrant/lab.js'
import { serveDatagrams } from '../../vagrant/traffic.js'
import { type Cell, cells, holeAt, type Kind } from './matrix.js'
import {
  addSources,
  DATAGRAMS,
  matrixServices,
  matrixTopology,
  nameOf,
  prepare,
  serverOf,
  sources,
  trials,
} from './matrix_scene.js'
import { type Stage, stage } from './stage.js'

/** The matrix's lab, with a director that has all its services; with `tags`, every frame of the director has them. */
export async function matrixStage(tags: 0 | 1 | 2 = 0): Promise<Stage> {
  const settings = { sources }
  const made = await stage(t, { topology: matrixTopology(tags), services: matrixServices, settings, before: addSources })
  await serveDatagrams(made.lab, DATAGRAMS)
  return made
}

/** Tries what passes, of these kinds. */
export async function tryCells(tags: 0 | 1 | 2, wanted: readonly Kind[]): Promise<Stage> {
  const made = await matrixStage(tags)
  prepare(made.lab)
  const watches = await watchEnds(made.lab)
  for (const kind of wanted) {
    t.test(kind, async (t) => {
      const asked = cells.filter((cell) => cell.kind === kind && cell.protocol !== 'sctp' && !holeAt(cell))
      const wrong = await tryAll(made.lab, asked)
      for (const cell of asked) t.equal(wrong.get(cell), undefined, nameOf(cell))
    })
  }
  t.test('no checksum is wrong at either end', async (t) => {
    for (const [machine, watch] of watches) {
      const { frames, bad, missed } = await watch.stop()
      t.strictSame({ bad, missed }, { bad: [], missed: 0 }, `${machine}: ${frames} frames`)
    }
  })
  return made
}

/** Clients and servers; of the director's own frames, XDP takes most before anybody sees them. */
async function watchEnds(lab: Lab): Promise<ReadonlyMap<string, Watch>> {
  const ends = Object.entries(lab.topology.machines).filter(([, { role }]) => role === 'client' || role === 'server')
  return new Map(
    await Promise.all(ends.map(async ([name]) => [name, await watchChecksums(lab, name, { room: 16_384 })] as const)),
  )
}

/** Most of a trial is waiting, so servers are tried beside each other; each its cells in turn. */
async function tryAll(lab: Lab, asked: readonly Cell[]): Promise<Map<Cell, string | undefined>> {
  const wrong = new Map<Cell, string | undefined>()
  const servers = new Set(asked.map(serverOf))
  await Promise.all(
    [...servers].map(async (server) => {
      for (const cell of asked.filter((each) => serverOf(each) === server)) wrong.set(cell, await trials[cell.kind](lab, cell))
    }),
  )
  return wrong
}
