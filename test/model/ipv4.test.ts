// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { ipv4Address, ipv4Number } from '../../src/model/ipv4.js'

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
