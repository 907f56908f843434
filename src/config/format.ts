// SPDX-License-Identifier: Apache-2.0
import type { Desired, Service } from '../model/desired.js'
import { formatSeconds } from '../model/duration.js'
import { written } from '../model/written.js'
import type { ConfigBody, ServiceBody } from './schema.js'

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
    services: desired.services.map(formatService),
  }
}

function formatService(service: Service): ServiceBody {
  const { servers, ...fields } = written(service)
  const own = 'listeners' in fields ? { ...fields, listeners: fields.listeners.map((listener) => ({ ...listener })) } : fields
  return { ...own, servers: servers.map((server) => ({ ...server })) }
}
