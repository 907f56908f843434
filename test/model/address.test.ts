// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { endpoint, familyOf, isIPv6, parseAddress, unusable } from '../../src/model/address.js'
import type { Address } from '../../src/model/desired.js'

const texts: Record<string, string | undefined> = {
  '10.0.0.1': '10.0.0.1',
  '255.255.255.255': '255.255.255.255',
  '10.0.0.256': undefined,
  '10.0.0': undefined,
  '010.0.0.1': undefined,
  '0x0a.0.0.1': undefined,
  ' 10.0.0.1': undefined,
  '10.0.0.1\n': undefined,
  '10.0.0.1/32': undefined,
  web: undefined,
  '': undefined,
  '2001:DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
  '::': '::',
  'fe80::1%eth0': undefined,
  '2001:db8::1::2': undefined,
}

t.test('addresses are canonical, or none', async (t) => {
  for (const [text, canonical] of Object.entries(texts)) t.equal(parseAddress(text), canonical, JSON.stringify(text))
})

t.test('a canonical address stays as it is', async (t) => {
  for (const canonical of Object.values(texts)) if (canonical) t.equal(parseAddress(canonical), canonical)
})

t.test('families are told apart', async (t) => {
  t.equal(isIPv6('::1' as Address), true)
  t.equal(isIPv6('10.0.0.1' as Address), false)
  t.strictSame(
    ['::1', '10.0.0.1'].map((address) => familyOf(address as Address)),
    ['IPv6', 'IPv4'],
  )
})

t.test('what is no host gets the reason', async (t) => {
  const reasons: Record<string, string | undefined> = {
    '0.0.0.0': 'names no host',
    '0.1.2.3': 'names no host',
    '127.0.0.1': 'is a loopback address',
    '224.0.0.18': 'is a multicast address',
    '239.255.255.255': 'is a multicast address',
    '240.0.0.1': 'is a reserved or broadcast address',
    '255.255.255.255': 'is a reserved or broadcast address',
    '1.0.0.1': undefined,
    '126.0.0.1': undefined,
    '128.0.0.1': undefined,
    '223.255.255.255': undefined,
    '::': 'names no host',
    '::1': 'is a loopback address',
    '::1:0': undefined,
    'ff02::1': 'is a multicast address',
    'ff0::1': undefined,
    'fe80::1': 'is a link-local address, which means another host on each interface',
    'febf::1': 'is a link-local address, which means another host on each interface',
    'fec0::1': undefined,
    'fe8::1': undefined,
    '::ffff:a00:1': 'is an IPv4 address mapped into IPv6: write the IPv4 address',
    '::ffff:0:1': 'is an IPv4 address mapped into IPv6: write the IPv4 address',
    '::ffff:0:a00:1': undefined,
    '2001:db8::1': undefined,
  }
  for (const [address, reason] of Object.entries(reasons)) t.equal(unusable(address as Address), reason, address)
})

/** All the ways that eight groups can be written. */
const anyIPv6 = fc
  .record({
    groups: fc.array(fc.oneof(fc.constantFrom(0, 0, 1), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }),
    padded: fc.boolean(),
    upper: fc.boolean(),
    hidden: fc.tuple(fc.nat(7), fc.nat(8)),
  })
  .map(({ groups, padded, upper, hidden: [from, length] }) => {
    const words = groups.map((group) => group.toString(16).padStart(padded ? 4 : 1, '0'))
    const zeros = groups.slice(from, from + length)
    const hides = zeros.length > 0 && zeros.every((group) => group === 0)
    const text = hides ? `${words.slice(0, from).join(':')}::${words.slice(from + zeros.length).join(':')}` : words.join(':')
    return upper ? text.toUpperCase() : text
  })

t.test('every way to write an IPv6 address comes to what a URL makes of it', async (t) => {
  const canonical = (text: string) => new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const same = fc.property(anyIPv6, (text) => {
    const address = parseAddress(text)
    return address === canonical(text) && parseAddress(address) === address
  })
  t.doesNotThrow(() => void fc.assert(same))
})

t.test('no text breaks the parser, and what it takes stays', async (t) => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fA-F:.%/]{0,20}$/))
  const stable = fc.property(text, (one) => {
    const address = parseAddress(one)
    return address === undefined || parseAddress(address) === address
  })
  t.doesNotThrow(() => void fc.assert(stable, { numRuns: 2000 }))
})

t.test('a port is written behind its address', async (t) => {
  t.equal(endpoint('10.0.0.11', 80), '10.0.0.11:80')
  t.equal(endpoint('2001:db8::b', 80), '[2001:db8::b]:80')
})
