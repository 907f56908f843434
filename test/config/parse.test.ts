// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { formatConfig } from '../../src/config/format.js'
import { parseDesired, parseServer, parseService, parseServices } from '../../src/config/parse.js'
import { UserError } from '../../src/model/errors.js'
import { written } from '../../src/model/written.js'

/** `path: message` of each error, or what was parsed. */
function outcome(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.errors.map(({ path, message }) => `${path}: ${message}`)
  }
}

const web = { protocol: 'tcp', address: '203.0.113.10', port: 80 }
const one = { address: '10.0.0.11' }

t.test('a service has its defaults filled in', async (t) => {
  t.strictSame(parseService({ ...web, servers: [one] }, []), {
    name: 'tcp-203-0-113-10-80',
    listeners: [{ protocol: 'tcp', address: '203.0.113.10', prefix: 32, firstPort: 80, lastPort: 80 }],
    scheduler: 'wrr',
    forwarding: 'dr',
    stray: 'reset',
    servers: [{ address: '10.0.0.11', port: 80, weight: 1, forwarding: 'dr' }],
  })
  t.strictSame(parseService(web, []).servers, [])
  t.strictSame(parseService({ ...web, name: undefined }, []), parseService(web, []), 'a field without a value is absent')
})

t.test('a service that was read back can be written', async (t) => {
  const service = parseService({ ...web, servers: [one] }, [])
  const shown = {
    ...written(service),
    status: { state: 'up' },
    servers: service.servers.map((server) => ({ ...server, status: {} })),
  }
  t.strictSame(parseService(shown, []), service)
  t.strictSame(parseServer({ ...one, status: {} }, { ...service, sources: [] }), service.servers[0])
  t.strictSame(
    outcome(() => parseServices([shown])),
    [
      'services[0].servers[0].status: is not a known field; the fields here are address, port, weight, forwarding',
      'services[0].status: is not a known field; the fields here are name, protocol, address, port, listeners, scheduler, schedulerFlags, forwarding, stray, servers',
    ],
    'only where one is written',
  )
})

// what is wrong with a service: fields, errors
const services: Record<string, [unknown, string[]]> = {
  'no service at all': [7, ['service: must be a service: protocol, address, port, servers and the like, got 7']],
  'nothing in it': [{}, required('')],
  'a port out of range': [
    { ...web, port: 70_000 },
    ['port: must be a port, a range such as "8000-8100", or 0 for every port, got 70000'],
  ],
  'a port in quotes': [
    { ...web, port: '80' },
    ['port: must be a port, a range such as "8000-8100", or 0 for every port, got "80"'],
  ],
  'a bad address': [
    { ...web, address: '203.0.113.256' },
    ['address: must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24, got "203.0.113.256"'],
  ],
  'a multicast VIP': [{ ...web, address: '224.0.0.18' }, ['address: 224.0.0.18 is a multicast address']],
  'an address that is no text': [
    { ...web, address: 10 },
    ['address: must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24, got 10'],
  ],
  'a later scheduler': [
    { ...web, scheduler: 'wlc' },
    ['scheduler: scheduler wlc is not supported by this version; use rr or wrr'],
  ],
  'an unknown scheduler': [{ ...web, scheduler: 'best' }, ['scheduler: must be rr or wrr, got "best"']],
  'full NAT without a source': [
    { ...web, forwarding: 'nat', servers: [one, { ...one, port: 81, forwarding: 'fullnat' }] },
    ['servers[1].forwarding: fullnat needs an IPv4 address of this director in sources'],
  ],
  'an unknown way to forward': [
    { ...web, forwarding: 'masq', servers: [{ ...one, forwarding: 1 }] },
    ['forwarding: must be dr, nat, fullnat or tun, got "masq"', 'servers[0].forwarding: must be dr, nat, fullnat or tun, got 1'],
  ],
  persistence: [{ ...web, persistence: { timeout: '300s' } }, ['persistence: is not supported by this version']],
  'a flag': [{ ...web, schedulerFlags: ['sh-port'] }, ['schedulerFlags: must be empty in this version, got a list of 1']],
  'an unknown field': [
    { ...web, wieght: 1, constructor: 1 },
    ['wieght', 'constructor'].map(
      (name) =>
        `${name}: is not a known field; the fields here are name, protocol, address, port, listeners, scheduler, schedulerFlags, forwarding, stray, servers`,
    ),
  ],
  'a name that is no label': [
    { ...web, name: 'Web_1' },
    ['name: must be a DNS label: up to 63 lower-case letters, digits and inner hyphens, got "Web_1"'],
  ],
  'servers that are no list': [{ ...web, servers: { a: 1 } }, ['servers: must be a list of servers, got a mapping']],
  'a server that is nothing': [
    { ...web, servers: [null] },
    ['servers[0]: must be a server: address, port, weight and forwarding, got nothing'],
  ],
  weights: [
    { ...web, servers: [-1, 2_147_483_648, 1.5, '1'].map((weight, host) => ({ address: `10.0.0.${host + 1}`, weight })) },
    ['-1', '2147483648', '1.5', '"1"'].map(
      (got, at) => `servers[${at}].weight: must be a weight between 0 and 2147483647, got ${got}`,
    ),
  ],
  'another port in direct routing': [
    { ...web, servers: [{ ...one, port: 8080 }] },
    ["servers[0].port: must be the service's port 80, got 8080: direct routing changes no port"],
  ],
  'the VIP as a server': [
    { ...web, servers: [{ address: web.address }] },
    ["servers[0].address: 203.0.113.10 is the service's own address"],
  ],
  'a server twice': [
    { ...web, servers: [one, { address: '10.0.0.12' }, { ...one, weight: 3 }] },
    ['servers[2]: 10.0.0.11:80 is already in servers[0]'],
  ],
  'several things at once': [
    { ...web, port: 70_000, servers: [{ address: 'x' }, { address: 'x' }, { ...one, port: 8080 }] },
    [
      'port: must be a port, a range such as "8000-8100", or 0 for every port, got 70000',
      'servers[0].address: must be an IPv4 or IPv6 address, got "x"',
      'servers[1].address: must be an IPv4 or IPv6 address, got "x"',
    ],
  ],
  'a very long value': [
    { ...web, name: 'x'.repeat(100) },
    [`name: must be a DNS label: up to 63 lower-case letters, digits and inner hyphens, got "${'x'.repeat(56)}…"`],
  ],
}

function required(at: string): string[] {
  return ['protocol', 'address', 'port'].map((name) => `${at}${name}: is required`)
}

t.test('a wrong service gets every error by name', async (t) => {
  for (const [name, [fields, errors]] of Object.entries(services)) {
    t.strictSame(
      outcome(() => parseService(fields, [])),
      errors,
      name,
    )
  }
})

t.test('a server by itself', async (t) => {
  const service = { ...parseService(web, []), sources: [] }
  t.strictSame(parseServer({ ...one, weight: 0 }, service), { address: '10.0.0.11', port: 80, weight: 0, forwarding: 'dr' })
  t.strictSame(
    outcome(() => parseServer([], service)),
    ['server: must be a server: address, port, weight and forwarding, got a list'],
  )
  t.strictSame(
    outcome(() => parseServer({ ...one, port: 81, x: 1 }, service)),
    [
      'x: is not a known field; the fields here are address, port, weight, forwarding',
      "port: must be the service's port 80, got 81: direct routing changes no port",
    ],
  )
})

t.test('services of a list do not share what they may not', async (t) => {
  t.strictSame(
    outcome(() => parseServices([web, { ...web, name: 'other' }, { ...web, port: 81, name: 'other' }])),
    [
      'services[1].address: tcp 203.0.113.10:80 is taken by services[0]',
      'services[2].name: the name other is taken by services[1]',
    ],
  )
  t.strictSame(
    outcome(() => parseServices({}, 'base')),
    ['base: must be a list of services, got a mapping'],
  )
  t.strictSame(
    outcome(() => parseServices([{ ...web, address: 'x' }, { ...web, address: 'x' }, web, { ...web, port: 'x' }])),
    [
      'services[3].port: must be a port, a range such as "8000-8100", or 0 for every port, got "x"',
      'services[0].address: must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24, got "x"',
      'services[1].address: must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24, got "x"',
    ],
    'what is wrong in itself conflicts with nothing',
  )
})

t.test('a configuration has its defaults filled in', async (t) => {
  t.strictSame(parseDesired({ interfaces: ['eth0'] }), {
    interfaces: ['eth0'],
    vips: 'manual',
    xdpMode: 'auto',
    api: { listen: 'unix:/run/xlvs/api.sock' },
    stateDir: '/var/lib/xlvs',
    pinDir: '/sys/fs/bpf/xlvs',
    sources: [],
    limits: {
      connections: 1_048_576,
      wideConnections: 1_048_576,
      services: 4096,
      servers: 65_535,
      ringSlots: 16_777_216,
      sources: 4,
    },
    timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
    services: [],
  })
})

t.test('what is written out reads back the same', async (t) => {
  const desired = parseDesired({
    interfaces: ['eth0', 'eth1.5'],
    vips: 'assign',
    xdpMode: 'native',
    api: { listen: '[::1]:8080', tokens: '/etc/xlvs/tokens' },
    sources: ['10.0.0.1', '2001:DB8::1'],
    limits: { services: 5 },
    timeouts: { tcp: '15m', tcpFin: 60, udp: '30' },
    services: [{ ...web, servers: [one] }],
  })
  t.strictSame(desired.timeouts, { tcp: 900, tcpFin: 60, udp: 30 })
  t.match(formatConfig(desired), { timeouts: { tcp: '900s', tcpFin: '60s', udp: '30s' } })
  t.strictSame(parseDesired(JSON.parse(JSON.stringify(formatConfig(desired)))), desired)
})

const eth = { interfaces: ['eth0'] }

// what is wrong with the rest of a configuration
const settings: Record<string, [unknown, string[]]> = {
  'a list': [[], ['configuration: must be a mapping of fields: interfaces, services and the like, got a list']],
  'no interfaces': [{}, ['interfaces: is required']],
  'an empty list of interfaces': [{ interfaces: [] }, ['interfaces: must be a list of 1 to 64 interfaces, got a list of 0']],
  'too many interfaces': [
    { interfaces: Array.from({ length: 65 }, (_, index) => `eth${index}`) },
    ['interfaces: must be a list of 1 to 64 interfaces, got a list of 65'],
  ],
  'interface names': [
    { interfaces: ['', 'sixteen-letters-', 'a/b', '..', 'a b'] },
    ['', 'sixteen-letters-', 'a/b', '..', 'a b'].map(
      (name, index) => `interfaces[${index}]: must be an interface name of 1 to 15 characters, got "${name}"`,
    ),
  ],
  'an interface twice': [{ interfaces: ['a', 'b', 'a'] }, ['interfaces[2]: a is already in interfaces[0]']],
  timeouts: [
    { ...eth, timeouts: { tcp: '20h', tcpFin: '500ms', udp: '1500ms' } },
    [
      'timeouts.tcp: must be between 1s and 57600s (16 hours), got "20h"',
      'timeouts.tcpFin: must be between 1s and 57600s (16 hours), got "500ms"',
      'timeouts.udp: must be whole seconds, got "1500ms"',
    ],
  ],
  'timeouts that are none': [
    { ...eth, timeouts: { tcp: true, udp: 'soon', sctp: 1 } },
    [
      'timeouts.tcp: must be a duration such as 500ms, 2s or 5m; a bare number is seconds, got true',
      'timeouts.sctp: is not a known field; the fields here are tcp, tcpFin, udp',
      'timeouts.udp: must be a duration such as 500ms, 2s or 5m, got "soon"',
    ],
  ],
  limits: [{ ...eth, limits: { servers: 65_536 } }, ['limits.servers: must be a number between 1 and 65535, got 65536']],
  'sources that are none': [
    { ...eth, sources: ['10.0.0.256', '::ffff:10.0.0.1', 7] },
    [
      'sources[2]: must be an IPv4 or IPv6 address, got 7',
      'sources[0]: must be an IPv4 or IPv6 address, got "10.0.0.256"',
      'sources[1]: ::ffff:a00:1 is an IPv4 address mapped into IPv6: write the IPv4 address',
    ],
  ],
  'a source twice': [
    { ...eth, sources: ['2001:db8::1', '10.0.0.1', '2001:DB8:0::1'] },
    ['sources[2]: 2001:db8::1 is already in sources[0]'],
  ],
  'more sources than the limit': [
    { ...eth, sources: ['10.0.0.1', '10.0.0.2'], limits: { sources: 1 } },
    ['sources: 2 addresses, but limits.sources is 1'],
  ],
  'a VIP that is a source': [
    { ...eth, sources: ['203.0.113.10'], services: [web] },
    ['services[0].address: 203.0.113.10 is in sources: full NAT needs it for itself'],
  ],
  'an API without tokens': [
    { ...eth, api: { listen: '127.0.0.1:8080' } },
    ['api.tokens: is required when the API listens on 127.0.0.1:8080'],
  ],
  'nothing to listen on': [
    { ...eth, api: { listen: 'localhost:8080' } },
    ['api.listen: must be unix:/path or address:port, got "localhost:8080"'],
  ],
  'half of where to listen': [
    { ...eth, api: { listen: ':8080', tokens: '/t' } },
    ['api.listen: must be unix:/path or address:port, got ":8080"'],
  ],
  'a port to listen on': [
    { ...eth, api: { listen: '127.0.0.1:65536', tokens: '/t' } },
    ['api.listen: must be unix:/path or address:port, got "127.0.0.1:65536"'],
  ],
  'something else to listen on': [{ ...eth, api: { listen: 7 } }, ['api.listen: must be unix:/path or address:port, got 7']],
  'parts that are no mappings': [
    { ...eth, api: 1, timeouts: [], limits: 'x' },
    [
      'api: must be the API: listen and tokens, got 1',
      'timeouts: must be the timeouts: tcp, tcpFin and udp, got a list',
      'limits: must be the limits: connections, wideConnections, services, servers, ringSlots and sources, got "x"',
    ],
  ],
  'a relative path': [{ ...eth, stateDir: 'state' }, ['stateDir: must be an absolute path, got "state"']],
  'services with errors': [
    { ...eth, services: [web, { ...web, port: 81, servers: [{ address: '10.0.0.1', weight: 'much' }] }] },
    ['services[1].servers[0].weight: must be a weight between 0 and 2147483647, got "much"'],
  ],
}

t.test('a wrong configuration gets every error by name', async (t) => {
  for (const [name, [fields, errors]] of Object.entries(settings))
    t.strictSame(
      outcome(() => parseDesired(fields)),
      errors,
      name,
    )
})

t.test('the summary counts', async (t) => {
  t.throws(() => parseDesired({}), { message: '1 error in the configuration', code: 'invalid', status: 400 })
  t.throws(() => parseService({}, []), { message: '3 errors in the service' })
})
