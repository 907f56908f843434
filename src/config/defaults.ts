// SPDX-License-Identifier: Apache-2.0
// What a configuration means where it is silent, and how far its numbers may go.

export const defaults = {
  vips: 'manual',
  xdpMode: 'auto',
  listen: 'unix:/run/xlvs/api.sock',
  stateDir: '/var/lib/xlvs',
  pinDir: '/sys/fs/bpf/xlvs',
  limits: {
    connections: 1_048_576,
    wideConnections: 1_048_576,
    services: 4096,
    servers: 65_535,
    ringSlots: 16_777_216,
    sources: 4,
  },
  /** Seconds. */
  timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
  scheduler: 'wrr',
  forwarding: 'dr',
  stray: 'reset',
  weight: 1,
} as const

/** As bpf/abi.h has them: MAXIMUM_INTERFACES, 16-bit indices, MAXIMUM_TIMEOUT_SECONDS, and a kernel's interface name. */
export const bounds = {
  interfaces: 64,
  interfaceName: 15,
  index: 65_535,
  connections: 268_435_456,
  wideConnections: 134_217_728,
  /** A slot names its source in 8 bits. */
  sources: 255,
  ringSlots: 268_435_456,
  leastRingSlots: 4096,
  weight: 2_147_483_647,
  /** Of one service. */
  listeners: 1024,
  timeoutSeconds: 57_600,
} as const
