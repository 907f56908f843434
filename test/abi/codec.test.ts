// SPDX-License-Identifier: Apache-2.0
// The codecs against bytes written down by hand, as the packet program sees them.
import t from 'tap'
import { decodeAll, encode, encodeAll, type Layout, macBytes, macText } from '../../src/abi/codec.js'
import {
  ConnectionSlot,
  ConnectionState,
  ListenerKey,
  ListenerKind,
  PortKey,
  Schedule,
  Server,
  Settings,
  Stray,
  VipKey,
} from '../../src/abi/layout.js'
import type { Address } from '../../src/model/desired.js'
import { addressBytes } from '../../src/model/network.js'

function layoutTest<T>(name: string, layout: Layout<T>, value: T, hex: string) {
  t.test(name, async (t) => {
    const bytes = encode(layout, value)
    t.equal(bytes.toString('hex'), hex.replaceAll(' ', ''))
    t.strictSame(decodeAll(layout, bytes, 1), [value])
  })
}

layoutTest(
  'addresses and ports are in network order',
  ListenerKey,
  { address: 0xcb00710a, port: 80, protocol: 6, kind: ListenerKind.KIND_ENDPOINT },
  'cb00710a 0050 06 01',
)
layoutTest('padding is zero', PortKey, { bits: 42, block: 7, protocol: 6, port: 8000 }, '2a000000 0007 0006 1f40 0000')
layoutTest(
  'an IPv4 address is mapped into IPv6',
  VipKey,
  { bits: 120, address: addressBytes('203.0.113.0' as Address) },
  '78000000 00000000000000000000ffffcb007100',
)
layoutTest(
  'a slot: whose flow, and who has it',
  ConnectionSlot,
  {
    key: { client: 0xc6336401, clientPort: 40_000, servicePort: 80 },
    owner: { listener: 1, server: 0x0203, second: 0x1000, state: ConnectionState.STATE_ESTABLISHED, flags: 1 },
  },
  'c6336401 9c40 0050 0100 0302 0010 01 01',
)
layoutTest(
  'a server: where it is, and which it is',
  Server,
  {
    route: { mac: macBytes('02:00:0a:00:00:0b'), interface: 1, flags: 3 },
    service: 7,
    port: 80,
    protocol: 6,
    source: 2,
    sources: 3,
    address: { bytes: addressBytes('10.0.0.11' as Address) },
  },
  '02000a00000b 01 03 0700 0050 06 02 03 00 00000000000000000000ffff0a00000b',
)

t.test('a short array is filled up with zeros', async (t) => {
  const settings = { timeouts: [2, 900], blocks: 1, hops: 2, firstPort: 1024, ports: 31_744 }
  t.equal(encode(Settings, settings).toString('hex'), `02008403${'00'.repeat(28)}01000000020000000004007c00000000`)
})

t.test('structs follow one another', async (t) => {
  const keys = [1, 2, 3].map((port) => ({ address: 1, port, protocol: 6, kind: ListenerKind.KIND_LISTENER }))
  t.strictSame(decodeAll(ListenerKey, encodeAll(ListenerKey, keys), 3), keys)
})

t.test('a schedule fills a line', async (t) => {
  t.equal(Schedule.size, 64)
  t.equal(encode(Schedule, { ...Schedule.zero, turn: 1n << 63n, stray: Stray.STRAY_HASH })[Schedule.at.turn + 7], 0x80)
})

t.test('MAC addresses are text and bytes', async (t) => {
  t.equal(macText(macBytes('02:00:0a:00:00:0b')), '02:00:0a:00:00:0b')
})
