// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { familyOf, isIPv6, parseAddress, unusable } from '../../src/model/address.js'
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
  t.equal(familyOf('::1' as Address), 'IPv6')
  t.equal(familyOf('10.0.0.1' as Address), 'IPv4')
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
    'ff02::1': 'is a multicast address',
    '::ffff:a00:1': 'is an IPv4 address mapped into IPv6: write the IPv4 address',
    'fe80::1': 'is a link-local address, which means another host on each interface',
    'febf::1': 'is a link-local address, which means another host on each interface',
    'fec0::1': undefined,
    'fd00::1': undefined,
    '2001:db8::1': undefined,
  }
  for (const [address, reason] of Object.entries(reasons)) t.equal(unusable(address as Address), reason, address)
})
