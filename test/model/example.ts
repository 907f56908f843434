// SPDX-License-Identifier: Apache-2.0
// Services in one line: `service('web', 80, '11 x3', '12')` has servers 10.0.0.11 of weight 3 and 10.0.0.12.
import type { Address, Desired, Protocol, RealServer, Service } from '../../src/model/desired.js'
import { type Listener, type Network, type Ports, parseNetwork, parsePorts } from '../../src/model/listener.js'

/** `listeners('tcp 203.0.113.10:80', 'udp [2001:db8::/64]:8000-8100', 'tcp 203.0.113.0/24:0')` */
export function listeners(...texts: string[]): Listener[] {
  return texts.map((text) => {
    const {
      protocol,
      v6,
      v4,
      ports = '',
    } = /^(?<protocol>\w+) (?:\[(?<v6>.*)\]|(?<v4>.*)):(?<ports>[\d-]+)$/.exec(text)?.groups ?? {}
    const network = parseNetwork(v6 ?? v4 ?? '') as Network
    return { protocol: protocol as Protocol, ...network, ...(parsePorts(/-/.test(ports) ? ports : Number(ports)) as Ports) }
  })
}

export function server(text: string, port = 80): RealServer {
  const [host = '', weight = 'x1'] = text.split(' ')
  return { address: `10.0.0.${host}` as Address, port, weight: Number(weight.slice(1)), forwarding: 'dr' }
}

export function service(name: string, port: number, ...servers: string[]): Service {
  return {
    name,
    listeners: listeners(`tcp 203.0.113.10:${port}`),
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
