// SPDX-License-Identifier: Apache-2.0
// list_surroundings.js INTERFACE…: prints as JSON what the controller sees of the network namespace that it runs in.
import { macText } from '../../src/abi/codec.js'
import { linksOf, ownAddresses, readRoutes } from '../../src/effects/surroundings.js'
import type { Attached } from '../../src/model/facts.js'
import { readInterface } from '../../src/native/xlvs.js'

const attached = process.argv.slice(2).map((name): Attached => {
  const { index, mac } = readInterface(name)
  return { name, ifindex: index, mac: macText(mac), mode: 'native' }
})
const routes = { IPv4: readRoutes('IPv4'), IPv6: readRoutes('IPv6') }
console.log(JSON.stringify({ links: linksOf(attached), own: [...ownAddresses()], routes }))
