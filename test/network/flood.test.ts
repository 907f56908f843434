// SPDX-License-Identifier: Apache-2.0
// Floods at the generator's full rate, beside 200 transfers and new connections. `make flood` has longer ones.
import t from 'tap'
import { type Kind, kinds } from './flood.js'
import { claimsOf } from './flood_account.js'
import { flood } from './flood_scene.js'
import { stage } from './stage.js'

const scene = await stage(t, { settings: { limits: { connections: 1048576 } } })

for (const kind of Object.keys(kinds) as Kind[]) {
  t.test(`a flood of ${kinds[kind]} harms nobody, and is accounted for`, async (t) => {
    const flooded = await flood(scene, { kind, seconds: 2 })
    for (const { what, held } of claimsOf(flooded)) t.ok(held, what, flooded)
  })
}
