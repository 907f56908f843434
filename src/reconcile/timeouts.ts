// SPDX-License-Identifier: Apache-2.0
import type { Settings } from '../model/desired.js'

/** Seconds by `enum connection_state` of bpf/abi.h: IPVS's, three of them settable. */
export function timeoutsByState(timeouts: Settings['timeouts']): number[] {
  const none = 2
  const synSent = 120
  const synReceived = 60
  const timeWait = 120
  const close = 10
  const closeWait = 60
  const lastAck = 30
  const listen = 120
  const synAck = 120
  const busy = 2
  const states = [none, timeouts.tcp, synSent, synReceived, timeouts.tcpFin, timeWait, close, closeWait, lastAck, listen, synAck]
  return [...states, timeouts.udp, busy, 0, 0, 0]
}
