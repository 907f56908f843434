// SPDX-License-Identifier: Apache-2.0
// The interfaces and addresses of this network namespace, as the kernel lists them.
import { networkInterfaces } from 'node:os'
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import type { InterfaceAddress, Link } from '../neighbours/path.js'

/** IPv4 addresses by interface, of interfaces that are up; an address with a label (`eth0:1`) is its interface's. */
export function localAddresses(): Map<string, InterfaceAddress[]> {
  const found = new Map<string, InterfaceAddress[]>()
  for (const [label, entries] of Object.entries(networkInterfaces())) {
    const name = label.split(':')[0] ?? label
    const ours = (entries ?? []).filter(({ family }) => family === 'IPv4').map(({ cidr }) => prefixed(cidr ?? ''))
    found.set(name, [...(found.get(name) ?? []), ...ours])
  }
  return found
}

/** `10.0.0.1/24` */
function prefixed(cidr: string): InterfaceAddress {
  const [address = '', prefix = '32'] = cidr.split('/')
  return { address: address as Address, prefix: Number(prefix) }
}

/** Every IPv4 address of this machine, of interfaces that are up. */
export function ownAddresses(): ReadonlySet<Address> {
  return new Set([...localAddresses().values()].flat().map(({ address }) => address))
}

/** The attached interfaces that are up, with their addresses. */
export function linksOf(attached: readonly Attached[]): Link[] {
  const addresses = localAddresses()
  return attached.flatMap(({ name, mac }) => {
    const here = addresses.get(name)
    return here ? [{ name, mac, addresses: here }] : []
  })
}
