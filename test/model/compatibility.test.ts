// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Family } from '../../src/model/address.js'
import { refusal } from '../../src/model/compatibility.js'
import type { Forwarding, Protocol } from '../../src/model/desired.js'

const families: readonly Family[] = ['IPv4', 'IPv6']

/** What is wrong, or yes. */
function told(forwarding: Forwarding, protocol: Protocol, vip: Family, server: Family, remapped: boolean): string {
  return refusal({ forwarding, protocol, vip, server, network: false, remapped })?.field ?? 'yes'
}

//   forwarding  protocol  same family, same port   other port   other family, same port   other port
const matrix: readonly (readonly [Forwarding, Protocol, string, string, string, string])[] = [
  ['dr', 'tcp', 'yes', 'port', 'address', 'address'],
  ['dr', 'udp', 'yes', 'port', 'address', 'address'],
  ['dr', 'sctp', 'yes', 'port', 'address', 'address'],
  ['nat', 'tcp', 'yes', 'yes', 'address', 'address'],
  ['nat', 'udp', 'yes', 'yes', 'address', 'address'],
  ['nat', 'sctp', 'yes', 'port', 'address', 'address'],
  ['fullnat', 'tcp', 'yes', 'yes', 'address', 'address'],
  ['fullnat', 'udp', 'yes', 'yes', 'address', 'address'],
  ['fullnat', 'sctp', 'forwarding', 'forwarding', 'address', 'address'],
  ['tun', 'tcp', 'yes', 'port', 'yes', 'port'],
  ['tun', 'udp', 'yes', 'port', 'yes', 'port'],
  ['tun', 'sctp', 'yes', 'port', 'yes', 'port'],
]

for (const [forwarding, protocol, ...cells] of matrix)
  t.test(`${protocol} by ${forwarding}`, async (t) => {
    for (const [index, vip] of families.entries()) {
      const other = families[1 - index] as Family
      const row = [vip, other].flatMap((server) =>
        [false, true].map((remapped) => told(forwarding, protocol, vip, server, remapped)),
      )
      t.strictSame(row, cells, vip)
    }
  })

t.test('a network of VIPs is for every method, but for replies that say nothing of an IPv6 VIP', async (t) => {
  const told = (forwarding: Forwarding, family: Family) =>
    refusal({ forwarding, protocol: 'tcp', vip: family, server: family, network: true, remapped: false })?.field
  const methods = ['dr', 'nat', 'fullnat', 'tun'] as const
  t.strictSame(
    methods.map((forwarding) => told(forwarding, 'IPv4')),
    [undefined, undefined, undefined, undefined],
  )
  t.strictSame(
    methods.map((forwarding) => told(forwarding, 'IPv6')),
    [undefined, 'forwarding', 'forwarding', undefined],
  )
})
