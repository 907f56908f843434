// SPDX-License-Identifier: Apache-2.0
// Totals and rates from the counters in the maps, which only ever grow: a reset is a baseline that is taken off.
import type { Clock, Counters, DataPlane, Traffic } from './ports.js'

/** Readings kept for rates: some seconds, at one a second. */
const WINDOW = 5

/** A reading younger than this many milliseconds is as good as new. */
const FRESH = 100

/** Numbers beyond 2^53 lose their last digits. */
export interface Flow {
  readonly packets: number
  readonly bytes: number
  readonly connections: number
  readonly replyPackets: number
  readonly replyBytes: number
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
  readonly connectionsPerSecond: number
  readonly replyPacketsPerSecond: number
  readonly replyBytesPerSecond: number
}

interface Reading {
  readonly at: number
  readonly counters: Counters
}

export interface TrafficMeter {
  /** To be called about once a second. */
  read(): void
  service(index: number | undefined): Flow
  server(index: number | undefined): Flow
  outcomes(): Readonly<Record<string, { readonly packets: number; readonly packetsPerSecond: number }>>
  reset(): void
}

const none: Traffic = { packets: 0n, bytes: 0n, connections: 0n, replyPackets: 0n, replyBytes: 0n }

export function createTrafficMeter(dataPlane: Pick<DataPlane, 'counters'>, clock: Clock): TrafficMeter {
  let readings: readonly Reading[] = []
  let latest: Reading | undefined
  let baseline: Counters | undefined

  const take = (): Reading => ({ at: clock.monotonic(), counters: dataPlane.counters() })

  function current(): Reading {
    if (!latest || clock.monotonic() - latest.at >= FRESH) latest = take()
    return latest
  }

  function flow(kind: 'services' | 'servers', index: number | undefined): Flow {
    const now = current()
    const past = readings[0] ?? now
    const of = (counters: Counters | undefined) => (index === undefined ? undefined : counters?.[kind].get(index)) ?? none
    const seconds = (now.at - past.at) / 1000
    const totals = less(of(now.counters), of(baseline))
    const recent = less(of(now.counters), of(past.counters))
    return {
      packets: Number(totals.packets),
      bytes: Number(totals.bytes),
      connections: Number(totals.connections),
      replyPackets: Number(totals.replyPackets),
      replyBytes: Number(totals.replyBytes),
      packetsPerSecond: rate(recent.packets, seconds),
      bytesPerSecond: rate(recent.bytes, seconds),
      connectionsPerSecond: rate(recent.connections, seconds),
      replyPacketsPerSecond: rate(recent.replyPackets, seconds),
      replyBytesPerSecond: rate(recent.replyBytes, seconds),
    }
  }

  return {
    read() {
      latest = take()
      readings = [...readings, latest].slice(-WINDOW)
    },
    service: (index) => flow('services', index),
    server: (index) => flow('servers', index),
    outcomes() {
      const now = current()
      const past = readings[0] ?? now
      const seconds = (now.at - past.at) / 1000
      const shown = [...now.counters.outcomes].map(([name, packets]) => {
        const total = difference(packets, baseline?.outcomes.get(name) ?? 0n)
        const recent = difference(packets, past.counters.outcomes.get(name) ?? 0n)
        return [name.toLowerCase(), { packets: Number(total), packetsPerSecond: rate(recent, seconds) }] as const
      })
      return Object.fromEntries(shown)
    },
    reset() {
      latest = take()
      baseline = latest.counters
    },
  }
}

function less(now: Traffic, past: Traffic): Traffic {
  return {
    packets: difference(now.packets, past.packets),
    bytes: difference(now.bytes, past.bytes),
    connections: difference(now.connections, past.connections),
    replyPackets: difference(now.replyPackets, past.replyPackets),
    replyBytes: difference(now.replyBytes, past.replyBytes),
  }
}

/** A counter that went back was set to 0 between: its index has another owner. */
function difference(now: bigint, past: bigint): bigint {
  return now >= past ? now - past : now
}

/** To a tenth. */
function rate(amount: bigint, seconds: number): number {
  return seconds > 0 ? Math.round((Number(amount) / seconds) * 10) / 10 : 0
}
