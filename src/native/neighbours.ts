// SPDX-License-Identifier: Apache-2.0
// ARP and neighbour discovery over packet sockets; native/shim.h says what each call does.
import ffi from 'ffi-napi'
import { decodeAll, encodeAll } from '../abi/codec.js'
import { Ask, Heard } from '../abi/native.js'
import type { Family } from '../model/address.js'
import { check, xlvsPath } from './library.js'

const xlvs = ffi.Library(xlvsPath, {
  xlvs_arp_open: ['int', ['int']],
  xlvs_arp_send: ['int', ['int', 'int', 'byte*', 'uint32']],
  xlvs_arp_receive: ['int', ['int', 'byte*', 'uint32']],
  xlvs_nd_open: ['int', ['int']],
  xlvs_nd_send: ['int', ['int', 'int', 'byte*', 'uint32']],
  xlvs_nd_receive: ['int', ['int', 'byte*', 'uint32']],
})

const calls = {
  IPv4: { open: xlvs.xlvs_arp_open, send: xlvs.xlvs_arp_send, receive: xlvs.xlvs_arp_receive },
  IPv6: { open: xlvs.xlvs_nd_open, send: xlvs.xlvs_nd_send, receive: xlvs.xlvs_nd_receive },
}

/** A non-blocking socket that hears the ARP, or the neighbour discovery, of one interface of this network namespace. */
export function openNeighbours(family: Family, ifindex: number): number {
  return check(calls[family].open(ifindex), 'open a packet socket')
}

/** Returns how many of them the socket took. ENETDOWN, ENXIO: the interface is down, or gone. */
export function sendAsks(family: Family, socket: number, ifindex: number, asks: readonly Ask[]): number {
  if (asks.length === 0) return 0
  return check(calls[family].send(socket, ifindex, encodeAll(Ask, asks), asks.length), 'ask for neighbours')
}

/** One for all sockets: every call is done with it before the next begins. */
const capacity = 256
const heard = Buffer.alloc(Heard.size * capacity)

/** What waits, up to 256 frames. */
export function receiveHeard(family: Family, socket: number): Heard[] {
  return decodeAll(Heard, heard, check(calls[family].receive(socket, heard, capacity), 'hear neighbours'))
}
