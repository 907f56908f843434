// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { createDirector } from '../../src/director/director.js'
import type { Traffic } from '../../src/director/ports.js'
import type { Address, Service } from '../../src/model/desired.js'
import { listeners, service } from '../model/example.js'
import { type FakeWorld, fakeWorld, report, settle } from './world.js'

const web = service('web', 80, '11', '12')
const other = service('other', 81, '11')

async function running(services: Service[], ...hosts: number[]) {
  const world = fakeWorld(services)
  world.answer(...hosts)
  const director = createDirector(world)
  await director.start()
  return { world, director }
}

const traffic = (packets: bigint): Traffic => ({
  packets,
  bytes: packets * 100n,
  connections: packets / 10n,
  replyPackets: packets / 2n,
  replyBytes: packets * 500n,
})

function count(world: FakeWorld, packets: bigint): void {
  world.traffic.services.set(1, traffic(packets))
  world.traffic.servers.set(1, traffic(packets))
  world.traffic.outcomes.set('FORWARDED', packets)
}

// servers, who answers, states of the servers, state of the service
const states: Record<string, [string[], number[], string[], string]> = {
  'everyone answers': [['11', '12'], [11, 12], ['up', 'up'], 'up'],
  'one does not': [['11', '12'], [11], ['up', 'unresolved'], 'degraded'],
  'nobody does': [['11', '12'], [], ['unresolved', 'unresolved'], 'down'],
  'one is quiesced': [['11', '12 x0'], [11, 12], ['up', 'draining'], 'up'],
  'the quiesced one does not answer': [['11', '12 x0'], [11], ['up', 'unresolved'], 'up'],
  'everyone is quiesced': [['11 x0'], [11], ['draining'], 'down'],
  'there is nobody': [[], [], [], 'down'],
}

t.test('states of servers and their service', async (t) => {
  for (const [name, [servers, hosts, expected, whole]] of Object.entries(states)) {
    const one = service('web', 80, ...servers)
    const { director } = await running([one], ...hosts)
    const got = one.servers.map(({ address, port }) => director.serverStatus('web', `${address}:${port}`).state)
    t.strictSame([got, director.serviceStatus('web').state], [expected, whole], name)
  }
})

t.test('a server tells where it is', async (t) => {
  const { director } = await running([web], 11)
  t.match(director.serverStatus('web', '10.0.0.11:80'), { weight: 1, mac: '02:00:00:00:00:11', interface: 'eth0' })
  const silent = director.serverStatus('web', '10.0.0.12:80')
  t.notOk('mac' in silent || 'interface' in silent)
})

t.test('who is not there is not found', async (t) => {
  const { director } = await running([web], 11)
  t.throws(() => director.serviceStatus('wob'), { code: 'notFound', message: 'There is no service named wob' })
  t.throws(() => director.serverStatus('web', '10.0.0.99:80'), {
    code: 'notFound',
    message: 'Service web has no server 10.0.0.99:80',
  })
})

t.test('connections are counted live, a service has those of its servers', async (t) => {
  const { world, director } = await running([web], 11, 12)
  world.loads.set(1, { active: 3, inactive: 1 }).set(2, { active: 4, inactive: 10 })
  t.match(director.serverStatus('web', '10.0.0.12:80'), { activeConnections: 4, inactiveConnections: 10 })
  t.match(director.serviceStatus('web'), { activeConnections: 7, inactiveConnections: 11 })
})

t.test('totals are fresh, rates are of the last seconds', async (t) => {
  const { world, director } = await running([web], 11, 12)
  for (const packets of [1000n, 2000n, 3000n]) {
    world.pass(1000)
    count(world, packets)
    await director.tick()
  }
  t.match(director.serverStatus('web', '10.0.0.11:80'), {
    packets: 3000,
    bytes: 300_000,
    connections: 300,
    packetsPerSecond: 1000,
    bytesPerSecond: 100_000,
    connectionsPerSecond: 100,
    replyPackets: 1500,
    replyBytes: 1_500_000,
    replyPacketsPerSecond: 500,
    replyBytesPerSecond: 500_000,
  })
  count(world, 3050n)
  t.equal(director.serviceStatus('web').packets, 3000, 'a reading is good for a tenth of a second')
  world.pass(100)
  t.equal(director.serviceStatus('web').packets, 3050)
  for (let second = 0; second < 6; second++) {
    world.pass(1000)
    await director.tick()
  }
  t.match(director.statistics().outcomes, { forwarded: { packets: 3050, packetsPerSecond: 0 } })
})

t.test('a reset starts the totals from 0', async (t) => {
  const { world, director } = await running([web], 11, 12)
  world.traffic.outcomes.set('NOT_OURS', 5n)
  count(world, 1000n)
  director.resetStatistics()
  world.traffic.outcomes.set('STRAY', 2n)
  count(world, 1500n)
  world.pass(1000)
  const { outcomes, services } = director.statistics()
  t.match(outcomes, { not_ours: { packets: 0 }, forwarded: { packets: 500 }, stray: { packets: 2 } })
  t.match(services, [
    {
      name: 'web',
      status: { packets: 500, bytes: 50_000, connections: 50, replyPackets: 250, replyBytes: 250_000 },
      servers: [{ address: '10.0.0.11', port: 80, status: { packets: 500 } }, {}],
    },
  ])
})

t.test('an index that has another owner counts from 0', async (t) => {
  const { world, director } = await running([web], 11, 12)
  count(world, 1000n)
  director.resetStatistics()
  count(world, 30n)
  world.pass(1000)
  t.equal(director.serverStatus('web', '10.0.0.11:80').packets, 30)
})

t.test('weights that must be rounded are warned of', async (t) => {
  const { director } = await running([service('web', 80, '11 x65536', '12')], 11)
  t.match(director.serviceStatus('web').warnings, [/^the weights need 65537 turns/])
  t.match(director.serviceStatus('web').warnings, [/^the weights need 65537 turns/], 'and again')
})

t.test('the director as a whole', async (t) => {
  const { world, director } = await running([web, other], 11, 12)
  world.pass(61_500)
  await director.tick()
  t.match(director.status(), {
    version: '0.1.0',
    startedAt: '2023-11-14T22:13:21.000Z',
    uptimeSeconds: 61,
    interfaces: [{ name: 'eth0', mode: 'native' }],
    table: { slots: 2048, used: 3, established: 2, probationary: 1, bytes: 32_768, lastSweepMilliseconds: 1 },
    wideTable: { slots: 1024, used: 1, established: 1, probationary: 0, bytes: 32_768 },
    services: 2,
    servers: 3,
    limits: { servers: 64 },
    warnings: [],
  })
  world.knobs.sweep = { ...report, used: 1900 }
  await director.tick()
  t.strictSame(director.status().warnings, ['the connection table is 92 % full'])
  world.knobs.sweep = { ...report, wide: { ...report.wide, used: 1000 } }
  await director.tick()
  t.strictSame(director.status().warnings, ['the connection table of IPv6, networks and full NAT is 97 % full'])
  world.knobs.sweep = { ...report, wide: { ...report.wide, used: 0, slots: 0 } }
  await director.tick()
  t.strictSame(director.status().warnings, [], 'a table that is not there is not full')
})

t.test('before the first sweep the table is unknown', async (t) => {
  t.match(createDirector(fakeWorld([web])).status(), { table: { slots: 0, used: 0 }, warnings: [], services: 1 })
})

const item = {
  clientPort: 40_000,
  servicePort: 80,
  state: 'ESTABLISHED',
  probationary: false,
  expiresIn: 890,
  client: '198.51.100.7' as Address,
}

t.test('connections are shown by name', async (t) => {
  const { world, director } = await running([web, other], 11, 12)
  world.knobs.pages = [
    {
      items: [
        { ...item, listener: 1, server: 2 },
        { ...item, listener: 1, server: 9 },
        { ...item, listener: 9, server: 1 },
      ],
    },
  ]
  t.strictSame(await director.connections({ limit: 10 }), {
    items: [
      {
        protocol: 'tcp',
        client: '198.51.100.7:40000',
        virtual: '203.0.113.10:80',
        server: '10.0.0.12:80',
        forwarding: 'dr',
        state: 'ESTABLISHED',
        expiresIn: 890,
      },
    ],
  })
  t.strictSame(world.scans, [[{}, 10, undefined]])
})

t.test('where a connection goes is what its listener and its entry say together', async (t) => {
  const group = { ...web, listeners: listeners('tcp 203.0.113.10:80', 'udp 203.0.113.0/24:0', 'tcp [2001:db8::a]:443') }
  const { world, director } = await running([group], 11)
  const vip = '203.0.113.99' as Address
  const client = '2001:db8::7' as Address
  world.knobs.pages = [
    {
      items: [
        { ...item, listener: 1, server: 1 },
        { ...item, listener: 2, server: 1, vip, servicePort: 53 },
        { ...item, listener: 3, server: 1, client, servicePort: 443 },
      ],
    },
  ]
  const { items } = await director.connections({ limit: 10 })
  t.strictSame(
    items.map(({ protocol, client, virtual }) => `${protocol} ${client} ${virtual}`),
    [
      'tcp 198.51.100.7:40000 203.0.113.10:80',
      'udp 198.51.100.7:40000 203.0.113.99:53',
      'tcp [2001:db8::7]:40000 [2001:db8::a]:443',
    ],
  )
})

// query, scans of the table
const queries: Record<string, [object, object[]]> = {
  'of a service': [{ service: 'other' }, [{ listener: 2 }]],
  'of a service with several listeners': [{ service: 'group' }, [{ listener: 4 }, { listener: 5 }]],
  'of a client': [{ client: '198.51.100.7' }, [{ client: '198.51.100.7' }]],
  'of a server of a service': [
    { service: 'web', server: '10.0.0.12:80', client: '198.51.100.7' },
    [{ server: 2, client: '198.51.100.7' }],
  ],
  'of a server that several services have': [{ server: '10.0.0.12:80' }, [{ server: 2 }, { server: 4 }]],
}

t.test('connections are found', async (t) => {
  const quic = { ...web, name: 'quic', listeners: listeners('udp 203.0.113.10:80'), servers: web.servers.slice(1) }
  const group = { ...service('group', 1), listeners: listeners('tcp 203.0.113.10:1', 'udp 203.0.113.10:1') }
  for (const [name, [query, scans]] of Object.entries(queries)) {
    const { world, director } = await running([web, other, quic, group], 11, 12)
    await director.connections({ ...query, limit: 5 })
    t.strictSame(
      world.scans.map(([filter]) => filter),
      scans,
      name,
    )
  }
})

t.test('pages go on where the one before ended, through all scans', async (t) => {
  const quic = { ...web, name: 'quic', listeners: listeners('udp 203.0.113.10:80') }
  const { world, director } = await running([web, quic], 11, 12)
  const query = { server: '10.0.0.12:80', limit: 2 }
  const found = { ...item, listener: 1, server: 2 }
  world.knobs.pages = [
    { items: [found], nextCursor: 77 },
    { items: [found], nextCursor: 99 },
  ]
  const first = await director.connections(query)
  t.strictSame([first.items.length, first.nextCursor], [2, '0.99'])
  world.knobs.pages = [{ items: [found] }, { items: [{ ...item, listener: 2, server: 4 }] }]
  const second = await director.connections({ ...query, cursor: '0.99' })
  t.strictSame([second.items.length, second.nextCursor], [2, undefined])
  world.knobs.pages = [{ items: [found, found] }]
  t.equal((await director.connections({ ...query, cursor: '0.99' })).nextCursor, '1.', 'the next scan from its start')
  t.strictSame(
    world.scans.map(([{ server }, limit, cursor]) => [server, limit, cursor]),
    [
      [2, 2, undefined],
      [2, 1, 77],
      [2, 2, 99],
      [4, 1, undefined],
      [2, 2, 99],
    ],
  )
  await director.connections({ ...query, cursor: '1.' })
  t.strictSame(world.scans.at(-1), [{ server: 4 }, 2, undefined])
})

t.test('a query that names nobody, or another cursor', async (t) => {
  const { director } = await running([web], 11)
  await t.rejects(director.connections({ service: 'wob', limit: 1 }), { code: 'notFound' })
  await t.rejects(director.connections({ server: '10.0.0.99:80', limit: 1 }), { code: 'notFound' })
  await t.rejects(director.connections({ service: 'web', server: '10.0.0.99:80', limit: 1 }), { code: 'notFound' })
  await t.rejects(director.connections({ cursor: 'x', limit: 1 }), { code: 'invalid', errors: [{ path: 'cursor' }] })
})

t.test('before the first apply there is nothing to show', async (t) => {
  const director = createDirector(fakeWorld([web]))
  t.match(director.serviceStatus('web'), { state: 'down', activeConnections: 0, packets: 0 })
  t.match(director.serverStatus('web', '10.0.0.11:80'), { state: 'unresolved', packets: 0 })
  t.strictSame(await director.connections({ service: 'web', limit: 1 }), { items: [] })
  t.strictSame(await director.connections({ server: '10.0.0.11:80', limit: 1 }), { items: [] })
  t.strictSame(await director.connections({ service: 'web', server: '10.0.0.11:80', limit: 1 }), { items: [] })
  director.neighboursChanged()
  await settle()
})
