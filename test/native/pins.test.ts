// SPDX-License-Identifier: Apache-2.0
// Pinned maps that do not fit: of another layout, or made for other limits.
import { readdirSync } from 'node:fs'
import t from 'tap'
import { encode } from '../../src/abi/codec.js'
import { AbiLimit, Identity } from '../../src/abi/layout.js'
import { openMaps } from '../../src/effects/maps.js'
import { makePinDir, unpinAll, withPin } from '../../src/effects/pins.js'
import { loadProgram } from '../../src/effects/program.js'
import { carryOut } from '../../src/effects/writes.js'
import type { Address } from '../../src/model/desired.js'
import { update } from '../../src/native/libbpf.js'
import { desired } from '../model/example.js'

const { limits } = desired()
const pinDir = `/sys/fs/bpf/xlvs-test-${process.pid}`
makePinDir(pinDir)
t.teardown(() => unpinAll(pinDir))

const first = Buffer.alloc(4)
const load = (some: Partial<typeof limits> = {}) => {
  const loaded = loadProgram(pinDir, { ...limits, ...some })
  return { loaded, close: () => loaded.object.close() }
}

t.test('maps that hold nothing are made anew for other limits', async (t) => {
  load().close()
  const { loaded, close } = load({ wideConnections: 5000 })
  t.equal(loaded.adopted, false)
  t.equal(loaded.object.entries('wide_connections'), 4096)
  close()
})

t.test('maps that hold something are refused for other limits, each by name', async (t) => {
  const { loaded, close } = load({ wideConnections: 5000 })
  t.equal(loaded.adopted, true)
  const address = '203.0.113.10' as Address
  carryOut(openMaps(loaded), [{ kind: 'vip', entry: { address, prefix: 32, block: 0, parent: 0, protocols: 1 } }])
  close()
  const pins = readdirSync(pinDir)
  t.throws(() => load({ sources: 5 }), {
    code: 'conflict',
    message: 'the limits do not fit the pinned maps',
    errors: [
      {
        path: 'limits.wideConnections',
        message: /^the pinned maps were made for 8192, and 1024 needs others; keep 8192, or run "xlvsd detach/,
      },
      { path: 'limits.sources', message: /were made for 4, and 5 needs others/ },
    ],
  })
  t.strictSame(readdirSync(pinDir), pins)
})

t.test('maps of another layout are refused, and say how to go on', async (t) => {
  const pins = readdirSync(pinDir)
  const old = encode(Identity, { ...Identity.zero, version: 1 })
  withPin(pinDir, 'pinned_identity', (map) => update(map, first, old))
  t.throws(() => load(), {
    code: 'conflict',
    message: `${pinDir} holds maps of layout 1, and this xlvsd has layout ${AbiLimit.ABI_VERSION}; "xlvsd detach --config FILE" clears it, and the connections with it`,
    errors: [{ path: 'pinDir' }],
  })
  t.strictSame(readdirSync(pinDir), pins)
  unpinAll(pinDir)
  makePinDir(pinDir)
  const { loaded, close } = load()
  t.equal(loaded.adopted, false)
  close()
})
