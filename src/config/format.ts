// SPDX-License-Identifier: Apache-2.0
import type { Desired } from '../model/desired.js'
import { formatSeconds } from '../model/duration.js'
import type { ConfigBody } from './schema.js'

/** The desired state in canonical form, as GET /v1/config gives it and as a file could hold it. */
export function formatConfig(desired: Desired): ConfigBody {
  const { tcp, tcpFin, udp } = desired.timeouts
  return {
    interfaces: [...desired.interfaces],
    vips: desired.vips,
    xdpMode: desired.xdpMode,
    api: { ...desired.api },
    stateDir: desired.stateDir,
    pinDir: desired.pinDir,
    sources: [...desired.sources],
    limits: { ...desired.limits },
    timeouts: { tcp: formatSeconds(tcp), tcpFin: formatSeconds(tcpFin), udp: formatSeconds(udp) },
    services: desired.services.map((service) => ({ ...service, servers: service.servers.map((server) => ({ ...server })) })),
  }
}
