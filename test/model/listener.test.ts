// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { familyOf } from '../../src/model/address.js'
import type { Address } from '../../src/model/desired.js'
import {
  commonPort,
  firstAddress,
  isPlain,
  listenerName,
  parseNetwork,
  parsePorts,
  vipsOf,
  writtenNetwork,
  writtenPorts,
} from '../../src/model/listener.js'
import { addressNumber, addressOf, networkNumber, widths } from '../../src/model/network.js'
import { listeners, service } from './example.js'

// text, address and prefix
const networks: Record<string, [string, number] | undefined> = {
  '203.0.113.10': ['203.0.113.10', 32],
  '203.0.113.10/32': ['203.0.113.10', 32],
  '203.0.113.0/24': ['203.0.113.0', 24],
  '203.0.113.9/24': ['203.0.113.9', 24],
  '0.0.0.0/0': ['0.0.0.0', 0],
  '2001:DB8::/64': ['2001:db8::', 64],
  '2001:db8::1': ['2001:db8::1', 128],
  '203.0.113.0/33': undefined,
  '2001:db8::/129': undefined,
  '203.0.113.0/024': undefined,
  '203.0.113.0/': undefined,
  '/24': undefined,
  '203.0.113.0/24/24': undefined,
  '203.0.113.0/-1': undefined,
  '': undefined,
}

t.test('networks are an address and how many bits of it count', async (t) => {
  for (const [text, expected] of Object.entries(networks)) {
    const network = parseNetwork(text)
    t.strictSame(network && [network.address, network.prefix], expected, JSON.stringify(text))
  }
})

// value, first and last port
const ports: [unknown, [number, number] | undefined][] = [
  [80, [80, 80]],
  [0, [0, 65_535]],
  [65_535, [65_535, 65_535]],
  ['8000-8100', [8000, 8100]],
  ['1-65535', [1, 65_535]],
  [65_536, undefined],
  [-1, undefined],
  [80.5, undefined],
  [Number.NaN, undefined],
  ['80', undefined],
  ['80-80', undefined],
  ['81-80', undefined],
  ['0-80', undefined],
  ['080-90', undefined],
  ['80-65536', undefined],
  ['80-90-100', undefined],
  [undefined, undefined],
  [['80-90'], undefined],
]

t.test('ports are one, a range, or all', async (t) => {
  for (const [value, expected] of ports) {
    const read = parsePorts(value)
    t.strictSame(read && [read.firstPort, read.lastPort], expected, JSON.stringify(value))
  }
})

t.test('names that people read', async (t) => {
  for (const name of ['tcp 203.0.113.10:80', 'udp 203.0.113.0/24:0', 'sctp [2001:db8::1]:8000-8100', 'tcp [2001:db8::/64]:443'])
    for (const listener of listeners(name)) {
      t.equal(listenerName(listener), name)
      t.equal(listenerName(listener), name, 'and again')
    }
})

t.test('plain is one VIP, and one port or all', async (t) => {
  const plain = (text: string) => listeners(text).every(isPlain)
  t.strictSame(['tcp 203.0.113.10:80', 'tcp 203.0.113.10:0', 'tcp 203.0.113.10:1-65535', 'tcp 203.0.113.0/24:80'].map(plain), [
    true,
    true,
    false,
    false,
  ])
})

t.test('listeners have a port in common, or none', async (t) => {
  t.equal(commonPort(listeners('tcp 203.0.113.10:80', 'udp 203.0.113.11:80')), 80)
  t.equal(commonPort(listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.10:443')), 0)
  t.equal(commonPort(listeners('tcp 203.0.113.10:80-81')), 0)
  t.equal(commonPort(listeners('tcp 203.0.113.10:0')), 0)
  t.equal(commonPort([]), 0)
})

t.test('VIPs are single addresses, each once', async (t) => {
  const group = {
    ...service('group', 1),
    listeners: listeners('tcp 203.0.113.11:80', 'tcp 203.0.113.0/24:80', 'udp 203.0.113.11:1-2'),
  }
  t.strictSame(vipsOf([service('web', 80), service('mail', 25), group]), ['203.0.113.10', '203.0.113.11'])
})

const anyNetwork = fc.oneof(
  fc
    .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(32))
    .map(([bytes, prefix]) => ({ address: bytes.join('.') as Address, prefix })),
  // Of 2000::/3, where no IPv4 address is mapped.
  fc
    .tuple(fc.uint8Array({ minLength: 15, maxLength: 15 }), fc.nat(128))
    .map(([bytes, prefix]) => ({ address: addressOf([0x20, ...bytes]), prefix })),
)

t.test('a network has one first address, and is read as it was written', async (t) => {
  const holds = fc.property(anyNetwork, ({ address, prefix }) => {
    const first = firstAddress({ address, prefix })
    const width = widths[familyOf(address)]
    const read = parseNetwork(writtenNetwork({ address: first, prefix }))
    return (
      addressNumber(first) === networkNumber(addressNumber(address), familyOf(address), prefix) << BigInt(width - prefix) &&
      read?.address === first &&
      read.prefix === prefix
    )
  })
  t.doesNotThrow(() => void fc.assert(holds, { numRuns: 1000 }))
})

t.test('ports are read as they were written', async (t) => {
  const holds = fc.property(fc.nat(65_535), fc.nat(65_535), (one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)]
    const read = parsePorts(low === 0 || low === high ? low : `${low}-${high}`)
    return read !== undefined && JSON.stringify(parsePorts(writtenPorts(read))) === JSON.stringify(read)
  })
  t.doesNotThrow(() => void fc.assert(holds))
})
