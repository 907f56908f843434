// SPDX-License-Identifier: Apache-2.0
// Services in one line: `service('web', 80, '11 x3', '12')` has servers 10.0.0.11 of weight 3 and 10.0.0.12.
import type { Address, Desired, RealServer, Service } from '../../src/model/desired.js'

export function server(text: string, port = 80): RealServer {
  const [host = '', weight = 'x1'] = text.split(' ')
  return { address: `10.0.0.${host}` as Address, port, weight: Number(weight.slice(1)), forwarding: 'dr' }
}

export function service(name: string, port: number, ...servers: string[]): Service {
  return {
    name,
    protocol: 'tcp',
    address: '203.0.113.10' as Address,
    port,
    scheduler: 'wrr',
    forwarding: 'dr',
    stray: 'reset',
    servers: servers.map((text) => server(text, port)),
  }
}

export function desired(...services: Service[]): Desired {
  return {
    interfaces: ['eth0', 'eth1'],
    vips: 'manual',
    xdpMode: 'auto',
    api: { listen: 'unix:/run/xlvs/api.sock' },
    stateDir: '/var/lib/xlvs',
    pinDir: '/sys/fs/bpf/xlvs',
    sources: [],
    limits: { connections: 1024, wideConnections: 1024, services: 16, servers: 64, ringSlots: 65_536, sources: 4 },
    timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
    services,
  }
}
