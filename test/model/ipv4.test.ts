// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { contains, ipv4Address, ipv4Number } from '../../src/model/ipv4.js'

t.test('addresses are numbers, and back', async (t) => {
  const numbers: [string, number][] = [
    ['0.0.0.0', 0],
    ['10.0.0.1', 0x0a000001],
    ['203.0.113.10', 0xcb00710a],
    ['255.255.255.255', 0xffffffff],
  ]
  for (const [address, number] of numbers) {
    t.equal(ipv4Number(address as Address), number)
    t.equal(ipv4Address(number), address)
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
  ]
  for (const [network, prefix, address, inside] of networks)
    t.equal(contains(network as Address, prefix, address as Address), inside, `${address} in ${network}/${prefix}`)
})
