// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { familyOf, parseAddress } from '../../src/model/address.js'
import type { Address } from '../../src/model/desired.js'
import { addressBytes, addressOf, contains, isLinkLocal, widths } from '../../src/model/network.js'

const hex = (address: string) => Buffer.from(addressBytes(address as Address)).toString('hex')

t.test('addresses are 16 bytes, and back', async (t) => {
  const bytes: [string, string][] = [
    ['0.0.0.0', '00000000000000000000ffff00000000'],
    ['203.0.113.10', '00000000000000000000ffffcb00710a'],
    ['255.255.255.255', '00000000000000000000ffffffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['::fffe:1:2', '00000000000000000000fffe00010002'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
  ]
  for (const [address, expected] of bytes) {
    t.equal(hex(address), expected, address)
    t.equal(addressOf([...Buffer.from(expected, 'hex')]), address)
  }
})

t.test('a prefix names a network', async (t) => {
  const networks: [string, number, string, boolean][] = [
    ['10.0.0.2', 24, '10.0.0.255', true],
    ['10.0.0.2', 24, '10.0.1.0', false],
    ['10.0.0.2', 32, '10.0.0.2', true],
    ['10.0.0.2', 32, '10.0.0.3', false],
    ['10.0.0.2', 0, '203.0.113.10', true],
    ['192.0.2.0', 31, '192.0.2.1', true],
    ['2001:db8::2', 64, '2001:db8::ffff:0:0:1', true],
    ['2001:db8::2', 64, '2001:db8:0:1::', false],
    ['2001:db8::2', 128, '2001:db8::2', true],
    ['2001:db8::2', 127, '2001:db8::3', true],
    ['2001:db8::2', 127, '2001:db8::4', false],
    ['::', 0, '2001:db8::2', true],
    ['::', 0, '10.0.0.2', false],
    ['0.0.0.0', 0, '::ffff:0:1', false],
  ]
  for (const [network, prefix, address, inside] of networks)
    t.equal(contains(network as Address, prefix, address as Address), inside, `${address} in ${network}/${prefix}`)
})

t.test('what means something on one link alone', async (t) => {
  const addresses = ['fe80::1', 'febf::1', 'fec0::1', '2001:db8::1', '169.254.0.1']
  t.strictSame(
    addresses.map((address) => isLinkLocal(address as Address)),
    [true, true, false, false, false],
  )
})

const address = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => addressOf([...bytes])),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => [...bytes].join('.') as Address),
  // Long runs of zeros and ones are where text is shortened, and where IPv4 is mapped.
  fc.array(fc.constantFrom(0, 0, 0, 255), { minLength: 16, maxLength: 16 }).map(addressOf),
)

t.test('any address: the bytes are its own, the text canonical', async (t) => {
  fc.assert(
    fc.property(address, (address) => addressOf(addressBytes(address)) === address && parseAddress(address) === address),
    { numRuns: 2000 },
  )
  t.pass('held')
})

/** An address's own bits, as text. */
const bits = (address: Address) =>
  addressBytes(address)
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(-widths[familyOf(address)])

t.test('any network contains what its first bits begin', async (t) => {
  const flipped = fc.tuple(address, fc.nat(127), fc.nat(128)).map(([network, bit, prefix]) => {
    const bytes = addressBytes(network)
    const width = widths[familyOf(network)]
    const at = 128 - width + (bit % width)
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (0x80 >> (at & 7))
    return [network, prefix % (width + 1), addressOf(bytes)] as const
  })
  fc.assert(
    fc.property(flipped, ([network, prefix, other]) => {
      const expected = familyOf(network) === familyOf(other) && bits(other).slice(0, prefix) === bits(network).slice(0, prefix)
      return contains(network, prefix, other) === expected && contains(network, prefix, network)
    }),
    { numRuns: 2000 },
  )
  t.pass('held')
})
