// SPDX-License-Identifier: Apache-2.0
// ARP over packet sockets; native/shim.h says what each call does.
import ffi from 'ffi-napi'
import { decodeAll, encodeAll } from '../abi/codec.js'
import { ArpAsk, ArpHeard } from '../abi/native.js'
import { check, xlvsPath } from './library.js'

const xlvs = ffi.Library(xlvsPath, {
  xlvs_arp_open: ['int', ['int']],
  xlvs_arp_send: ['int', ['int', 'int', 'byte*', 'uint32']],
  xlvs_arp_receive: ['int', ['int', 'byte*', 'uint32']],
})

/** A non-blocking socket that hears the ARP of one interface of this network namespace. */
export function openArp(ifindex: number): number {
  return check(xlvs.xlvs_arp_open(ifindex), 'open a packet socket')
}

/** Returns how many of them the socket took. ENETDOWN, ENXIO: the interface is down, or gone. */
export function sendArp(socket: number, ifindex: number, asks: readonly ArpAsk[]): number {
  if (asks.length === 0) return 0
  return check(xlvs.xlvs_arp_send(socket, ifindex, encodeAll(ArpAsk, asks), asks.length), 'send ARP requests')
}

/** One for all sockets: every call is done with it before the next begins. */
const capacity = 256
const heard = Buffer.alloc(ArpHeard.size * capacity)

/** What waits, up to 256 frames. */
export function receiveArp(socket: number): ArpHeard[] {
  return decodeAll(ArpHeard, heard, check(xlvs.xlvs_arp_receive(socket, heard, capacity), 'receive ARP'))
}
