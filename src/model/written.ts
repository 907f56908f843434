// SPDX-License-Identifier: Apache-2.0
// Services as users write and read them: in the file, over REST, in the journal, and in lists of changes.
import type { Address, Protocol, Service } from './desired.js'
import { isPlain, type Listener, writtenNetwork, writtenPorts } from './listener.js'

export interface WrittenListener {
  readonly protocol: Protocol
  /** An address, or a network as `203.0.113.0/24`. */
  readonly address: string
  /** A port, a range as `8000-8100`, or 0 for every port. */
  readonly port: number | string
}

/** Where a service listens: one plain listener by its fields, anything else as a list. */
export type WrittenListeners =
  | { readonly protocol: Protocol; readonly address: Address; readonly port: number }
  | { readonly listeners: readonly WrittenListener[] }

export type WrittenService = Omit<Service, 'listeners'> & WrittenListeners

/** The canonical form, in the order of the documentation. */
export function written(service: Service): WrittenService {
  const { name, listeners, scheduler, forwarding, stray, servers } = service
  return { name, ...writtenListeners(listeners), scheduler, forwarding, stray, servers }
}

export function writtenListeners(listeners: readonly Listener[]): WrittenListeners {
  const [first, ...others] = listeners
  if (!first || others.length > 0 || !isPlain(first)) return { listeners: listeners.map(writtenListener) }
  return { protocol: first.protocol, address: first.address, port: first.firstPort }
}

function writtenListener(listener: Listener): WrittenListener {
  return { protocol: listener.protocol, address: writtenNetwork(listener), port: writtenPorts(listener) }
}
