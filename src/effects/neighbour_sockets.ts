// SPDX-License-Identifier: Apache-2.0
// The packet sockets through which neighbours are asked and heard: two an interface, for ARP and for neighbour discovery.
import { macBytes, macText } from '../abi/codec.js'
import type { Ask } from '../abi/native.js'
import type { Log } from '../director/world.js'
import { type Family, familyOf } from '../model/address.js'
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import { addressBytes, addressOf } from '../model/network.js'
import { NativeError } from '../native/library.js'
import { openNeighbours, receiveHeard, sendAsks } from '../native/neighbours.js'
import { close } from '../native/xlvs.js'

/** Reads of up to 256 frames a socket and turn: a storm of them waits in the socket, not here. */
const READS = 8

const families: readonly Family[] = ['IPv4', 'IPv6']

export interface Socket {
  readonly name: string
  readonly ifindex: number
  readonly family: Family
  readonly descriptor: number
}

/** What is sent over the socket of its target's family; without `to`, to everybody whom it concerns. */
export interface Question {
  readonly interface: string
  readonly asker: Address
  readonly mac: string
  readonly target: Address
  readonly to?: string
  /** An announcement (target and asker are one) is that of a router. */
  readonly router?: boolean
}

export interface Answer {
  readonly interface: string
  readonly address: Address
  readonly mac?: string
  readonly overrides: boolean
}

/** Keeps the sockets of interfaces that stayed, closes those of others, opens those of new ones. */
export function reopen(sockets: readonly Socket[], attached: readonly Attached[], log: Log): Socket[] {
  const stays = (socket: Socket) => attached.some(({ name, ifindex }) => name === socket.name && ifindex === socket.ifindex)
  for (const { descriptor } of sockets.filter((socket) => !stays(socket))) close(descriptor)
  return attached.flatMap(({ name, ifindex }) => {
    const open = sockets.filter((socket) => socket.name === name && socket.ifindex === ifindex)
    return open.length > 0 ? open : openBoth(name, ifindex, log)
  })
}

function openBoth(name: string, ifindex: number, log: Log): Socket[] {
  return families.flatMap((family) => {
    try {
      return [{ name, ifindex, family, descriptor: openNeighbours(family, ifindex) }]
    } catch (error) {
      log.warn({ interface: name, family, error: String(error) }, 'cannot ask for MAC addresses here')
      return []
    }
  })
}

/** By one call a socket. What an interface that went down or away a moment ago does not take is asked again in time. */
export function send(sockets: readonly Socket[], questions: readonly Question[]): void {
  if (questions.length === 0) return
  for (const { name, ifindex, family, descriptor } of sockets) {
    const own = questions.filter(({ interface: on, target }) => on === name && familyOf(target) === family)
    attempt(() => sendAsks(family, descriptor, ifindex, own.map(askOf)))
  }
}

export function askOf({ asker, target, mac, to, router }: Question): Ask {
  return {
    sender: addressBytes(asker),
    target: addressBytes(target),
    source: macBytes(mac),
    destination: to === undefined ? [] : macBytes(to),
    router: router ? 1 : 0,
  }
}

/** Everything that waits, as far as one turn reads. */
export function* receive(sockets: readonly Socket[]): Generator<Answer> {
  for (const { name, family, descriptor } of sockets) {
    for (let read = 0; read < READS; read++) {
      const heard = attempt(() => receiveHeard(family, descriptor)) ?? []
      for (const { sender, mac, overrides } of heard) {
        const said = mac.some((byte) => byte !== 0) ? { mac: macText(mac) } : {}
        yield { interface: name, address: addressOf(sender), ...said, overrides: overrides !== 0 }
      }
      if (heard.length === 0) break
    }
  }
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    return undefined
  }
}
