// SPDX-License-Identifier: Apache-2.0
// The cells of some kinds, tried one after another on one lab.
import t from 'tap'
import type { Lab } from '../../vagrant/lab.js'
import { serveDatagrams } from '../../vagrant/traffic.js'
import { type Cell, cells, holeAt, type Kind } from './matrix.js'
import { addSources, matrixServices, matrixTopology, prepare, serverOf, sources, trials } from './matrix_scene.js'
import { type Stage, stage } from './stage.js'

/** Sets the lab up, and tries what passes; with `tags`, every frame of the director has them. */
export async function tryCells(tags: 0 | 1 | 2, wanted: readonly Kind[]): Promise<Stage> {
  const made = await stage(t, {
    topology: matrixTopology(tags),
    services: matrixServices,
    settings: { sources },
    before: addSources,
  })
  await serveDatagrams(made.lab, 9000)
  prepare(made.lab)
  for (const kind of wanted) {
    t.test(kind, async (t) => {
      const asked = cells.filter((cell) => cell.kind === kind && cell.protocol !== 'sctp' && !holeAt(cell))
      const wrong = await tryAll(made.lab, asked)
      for (const cell of asked) t.equal(wrong.get(cell), undefined, nameOf(cell))
    })
  }
  return made
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

function nameOf({ forwarding, vip, server, protocol, stand }: Cell): string {
  return `${forwarding}, ${vip === server ? vip : `${vip} to ${server}`}, ${protocol}, ${stand}`
}
