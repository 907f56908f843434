// SPDX-License-Identifier: Apache-2.0
// Ways to forward, families and protocols, whatever this version's data plane can do of them.
import t from 'tap'
import { readServer, readService } from '../../src/config/meaning.js'
import { parseAddress } from '../../src/model/address.js'
import { type Address, serverName } from '../../src/model/desired.js'

const sources = ['10.0.0.1' as Address]
const web = { protocol: 'tcp', address: '203.0.113.10', port: 80 }
const web6 = { ...web, address: '2001:DB8:0::10' }
const sctp = { ...web, protocol: 'sctp' }
const checksum = "SCTP's checksum (CRC32c) covers the ports, so that a new one would take reading the whole packet"

// a service, and its servers as `name forwarding`
const accepted: Record<string, [object, string[]]> = {
  'a server forwards as its service does': [
    { ...web, forwarding: 'nat', servers: [{ address: '10.0.0.11' }] },
    ['10.0.0.11:80 nat'],
  ],
  'or has a way of its own': [
    { ...web, servers: [{ address: '10.0.0.11' }, { address: '10.0.0.12', port: 8080, forwarding: 'nat' }] },
    ['10.0.0.11:80 dr', '10.0.0.12:8080 nat'],
  ],
  'all of IPv6': [
    { ...web6, forwarding: 'nat', servers: [{ address: '2001:db8:0:0::B', port: 8080 }] },
    ['[2001:db8::b]:8080 nat'],
  ],
  'a tunnel between families': [
    { ...web6, forwarding: 'tun', servers: [{ address: '10.0.0.11' }, { address: '2001:db8::b' }] },
    ['10.0.0.11:80 tun', '[2001:db8::b]:80 tun'],
  ],
  'SCTP by NAT': [{ ...sctp, forwarding: 'nat', servers: [{ address: '10.0.0.11' }] }, ['10.0.0.11:80 nat']],
  'full NAT': [{ ...web, forwarding: 'fullnat', servers: [{ address: '10.0.0.11', port: 8080 }] }, ['10.0.0.11:8080 fullnat']],
  'the port that the client used': [
    {
      listeners: [{ ...web, port: '8000-8100' }],
      forwarding: 'nat',
      servers: [{ address: '10.0.0.11' }, { address: '10.0.0.11', port: 80 }],
    },
    ['10.0.0.11:0 nat', '10.0.0.11:80 nat'],
  ],
  'the one port, however it is said': [{ ...web, servers: [{ address: '10.0.0.11', port: 0 }] }, ['10.0.0.11:80 dr']],
  'a tunnel from VIPs of both families': [
    { listeners: [web, web6], forwarding: 'tun', servers: [{ address: '10.0.0.11' }] },
    ['10.0.0.11:80 tun'],
  ],
  'another address of the director': [{ ...web, servers: [{ address: '203.0.113.9' }] }, ['203.0.113.9:80 dr']],
}

for (const [name, [fields, servers]] of Object.entries(accepted))
  t.test(name, async (t) => {
    const { value, errors } = readService(fields, '', sources)
    t.strictSame(errors, [])
    t.strictSame(
      value.servers.map((server) => `${serverName(server)} ${server.forwarding}`),
      servers,
    )
  })

// a service, a server of it, what is wrong
const refused: Record<string, [object, object, string]> = {
  'families of direct routing': [
    web,
    { address: '2001:db8::b' },
    'address: Different address family is allowed only for tunneling servers: the VIP is 203.0.113.10, the server 2001:db8::b',
  ],
  'families of NAT': [
    { ...web6, forwarding: 'nat' },
    { address: '10.0.0.11' },
    'address: Different address family is allowed only for tunneling servers: the VIP is 2001:db8::10, the server 10.0.0.11',
  ],
  'another port through a tunnel': [
    web,
    { address: '10.0.0.11', port: 81, forwarding: 'tun' },
    "port: must be the service's port 80, got 81: a tunnel changes no port",
  ],
  'another port for SCTP': [
    { ...sctp, forwarding: 'nat' },
    { address: '10.0.0.11', port: 81 },
    `port: must be the service's port 80, got 81: ${checksum}`,
  ],
  'full NAT of SCTP': [
    { ...sctp, forwarding: 'fullnat' },
    { address: '10.0.0.11' },
    `forwarding: fullnat is not for sctp: full NAT changes the client's port, and ${checksum}`,
  ],
  'full NAT without a source of the family': [
    { ...web6, forwarding: 'fullnat' },
    { address: '2001:db8::b' },
    'forwarding: fullnat needs an IPv6 address of this director in sources',
  ],
  'another port for some of several': [
    { listeners: [web, { ...web, port: 443 }] },
    { address: '10.0.0.11', port: 80 },
    'port: must be absent, or 0 for the port that the client used, got 80: direct routing changes no port',
  ],
  'a family that one VIP has': [
    { listeners: [web, web6], forwarding: 'nat' },
    { address: '10.0.0.11' },
    'address: Different address family is allowed only for tunneling servers: the VIP is 2001:db8::10, the server 10.0.0.11',
  ],
  'a server in the network of VIPs': [
    { ...web, address: '10.0.0.8/29' },
    { address: '10.0.0.11' },
    "address: 10.0.0.11 is in the service's own network 10.0.0.8/29",
  ],
  'NAT of an IPv6 network': [
    { ...web, address: '2001:db8:1::/64', forwarding: 'nat' },
    { address: '2001:db8::b' },
    'forwarding: nat is not for 2001:db8:1::/64: a connection entry has no room for which address of an IPv6 network a reply must come from',
  ],
  'the VIP, however it is written': [web6, { address: '2001:db8::0010' }, "address: 2001:db8::10 is the service's own address"],
}

t.test('a server that does not fit is refused at its field', async (t) => {
  for (const [name, [fields, server, error]] of Object.entries(refused)) {
    const { errors } = readService({ ...fields, servers: [server] }, 'services[0].', sources)
    t.strictSame(
      errors.map(({ path, message }) => `${path}: ${message}`),
      [`services[0].servers[0].${error}`],
      name,
    )
  }
})

t.test('a journal is not asked for sources', async (t) => {
  const full = { ...web, forwarding: 'fullnat', servers: [{ address: '10.0.0.11' }] }
  t.strictSame(readService(full, '', 'unknown').errors, [])
  t.equal(readService(full, '', []).errors.length, 1)
})

t.test('beside a service that is wrong itself, a server is only read', async (t) => {
  const around = { ...readService({ ...web, address: 'x', port: 'y' }, '', sources).value, sources }
  t.strictSame(readServer({ address: '2001:db8::b', port: 81 }, '', around).errors, [])
})

// VIPs that are none
const vips: Record<string, string> = {
  '::': 'names no host',
  '0::1': 'is a loopback address',
  'FF02::1': 'is a multicast address',
  'fe80::1': 'is a link-local address, which means another host on each interface',
  '::ffff:203.0.113.10': 'is an IPv4 address mapped into IPv6: write the IPv4 address',
}

t.test('VIPs of IPv6 are addresses of one host, wherever they are asked for', async (t) => {
  for (const [address, why] of Object.entries(vips))
    t.strictSame(readService({ ...web, address }, '', sources).errors, [
      { path: 'address', message: `${parseAddress(address)} ${why}` },
    ])
})
