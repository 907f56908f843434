// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses and routes of this network namespace; native/shim.h says what each call does.
import ffi from 'ffi-napi'
import { Address as AddressEntry, Device, Route } from '../abi/native.js'
import type { Family } from '../model/address.js'
import type { Address } from '../model/desired.js'
import { addressBytes } from '../model/network.js'
import { check, xlvsPath } from './library.js'

const xlvs = ffi.Library(xlvsPath, {
  xlvs_devices_read: ['int', ['byte*', 'uint32']],
  xlvs_addresses_read: ['int', ['byte*', 'uint32']],
  xlvs_address_add: ['int', ['int', 'byte*', 'uint32']],
  xlvs_address_remove: ['int', ['int', 'byte*', 'uint32']],
  xlvs_routes_read: ['int', ['int', 'byte*', 'uint32']],
  xlvs_rules_read: ['int', ['int']],
})

/** EEXIST: the interface has it already. */
export function addAddress(ifindex: number, address: Address, prefix: number): void {
  check(xlvs.xlvs_address_add(ifindex, Buffer.from(addressBytes(address)), prefix), 'add an address')
}

/** EADDRNOTAVAIL: the interface doesn't have it. */
export function removeAddress(ifindex: number, address: Address, prefix: number): void {
  check(xlvs.xlvs_address_remove(ifindex, Buffer.from(addressBytes(address)), prefix), 'remove an address')
}

/** How many of each are read, of routes for each family; a table of more is not read to its end. */
export const MOST = { devices: 4096, addresses: 16_384, routes: 4096 }

// One place more, so that a full list is told from one that goes on; every list is compared or copied before the next is read.
const devices = Buffer.alloc((MOST.devices + 1) * Device.size)
const addresses = Buffer.alloc((MOST.addresses + 1) * AddressEntry.size)
const routes = Buffer.alloc((MOST.routes + 1) * Route.size)

/** `Device` structs, one after another. */
export function listDevices(): Buffer {
  const count = check(xlvs.xlvs_devices_read(devices, MOST.devices + 1), 'list the interfaces')
  return devices.subarray(0, count * Device.size)
}

/** `Address` structs, one after another. */
export function listAddresses(): Buffer {
  const count = check(xlvs.xlvs_addresses_read(addresses, MOST.addresses + 1), 'list the addresses')
  return addresses.subarray(0, count * AddressEntry.size)
}

/** `Route` structs, one after another. */
export function listRoutes(family: Family): Buffer {
  const count = check(xlvs.xlvs_routes_read(family === 'IPv6' ? 1 : 0, routes, MOST.routes + 1), 'list the routes')
  return routes.subarray(0, count * Route.size)
}

/** Whether rules of policy routing choose among more tables than every machine's. */
export function hasPolicy(family: Family): boolean {
  return check(xlvs.xlvs_rules_read(family === 'IPv6' ? 1 : 0), 'list the routing rules') > 0
}
