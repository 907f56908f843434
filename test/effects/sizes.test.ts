// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { defaults } from '../../src/config/defaults.js'
import { linkedInterface, linkPin } from '../../src/effects/pins.js'
import { contradictions, entriesFor, type Limits, linesFor } from '../../src/effects/sizes.js'

const limits: Limits = defaults.limits

t.test('a million connections take 32 MiB', async (t) => {
  t.equal(linesFor(1_048_576) * 64, 32 << 20)
  t.strictSame([1, 4, 5, 1000, 1_048_577].map(linesFor), [2, 2, 4, 512, 1_048_576])
})

//   what the pinned maps were made for   what they contradict
const pinned: [Partial<Limits>, object[]][] = [
  [{}, []],
  [{ connections: 1_000_000 }, []],
  [{ connections: 65_536 }, [{ limit: 'connections', pinned: 65_536, wanted: 1_048_576 }]],
  [
    { services: 10, servers: 20 },
    [
      { limit: 'services', pinned: 10, wanted: 4096 },
      { limit: 'servers', pinned: 20, wanted: 65_535 },
    ],
  ],
  [{ ringSlots: 4096 }, [{ limit: 'ringSlots', pinned: 4096, wanted: 16_777_216 }]],
]
for (const [made, expected] of pinned)
  t.test(`maps made for ${JSON.stringify(made)}`, async (t) =>
    t.strictSame(contradictions(limits, entriesFor({ ...limits, ...made })), expected),
  )

t.test('a link is pinned under a name without a dot', async (t) => {
  for (const name of ['eth0', 'eth0.100', 'a%2Eb', '%']) {
    t.notMatch(linkPin(name), /\./)
    t.equal(linkedInterface(linkPin(name)), name)
  }
  t.equal(linkedInterface('listeners'), undefined)
})
