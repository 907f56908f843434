// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { createDirector } from '../../src/director/director.js'
import type { Address, Service } from '../../src/model/desired.js'
import { desired, listeners, service } from '../model/example.js'
import { fakeMaps } from '../reconcile/maps.js'
import { type FakeWorld, fakeWorld, logged, settle } from './world.js'

const web = service('web', 80, '11', '12')
const mail = service('mail', 25, '11')
const vip = '203.0.113.10' as Address

async function started(world: FakeWorld) {
  const director = createDirector(world)
  await director.start()
  await settle()
  return director
}

async function running(services: Service[] = [web, mail], ...hosts: number[]) {
  const world = fakeWorld(services)
  world.answer(...(hosts.length > 0 ? hosts : [11, 12, 13]))
  const director = await started(world)
  world.written.length = 0
  world.journalled.length = 0
  world.lines.length = 0
  return { world, director }
}

const kinds = (world: FakeWorld) => world.written.map((batch) => batch.map(({ kind }) => kind).join(' '))

/** Sets the weight of the first server of a service. */
const weigh = (name: string, weight: number) => (services: readonly Service[]) =>
  services.map((one) =>
    one.name === name ? { ...one, servers: one.servers.map((s, place) => (place === 0 ? { ...s, weight } : s)) } : one,
  )

t.test('a first start fills the maps from the file, which is journalled first', async (t) => {
  const world = fakeWorld([web])
  world.answer(11, 12)
  const director = createDirector(world)
  t.equal(director.ready(), false)
  await director.start()
  t.equal(director.ready(), true)
  t.match(world.journalled, [
    { origin: 'file', fileDigest: 'one', summary: 'configuration file', services: [web], time: /^2023/ },
  ])
  t.strictSame(kinds(world), ['timeouts interface server server layOut turnOn listener vip'])
  t.strictSame(world.watched, [['10.0.0.11', '10.0.0.12']])
  t.strictSame(world.maps.faults(), [])
  t.strictSame(director.desired().services, [web])
})

t.test('a start that does not fit is refused, and nothing is written', async (t) => {
  const world = fakeWorld([web])
  const file = { ...world.file, desired: { ...world.file.desired, limits: { ...world.file.desired.limits, servers: 1 } } }
  const director = createDirector({ ...world, file })
  await t.rejects(director.start(), { code: 'tooMany' })
  t.strictSame([world.written, world.journalled], [[], []])
  t.equal(director.ready(), false)
})

t.test('readiness waits a second for servers that may yet answer', async (t) => {
  const world = fakeWorld([web])
  world.answer(11)
  const director = await started(world)
  t.equal(director.ready(), false)
  world.pass(999)
  t.equal(director.ready(), false)
  world.pass(1)
  t.equal(director.ready(), true)
  world.silence(11)
  director.neighboursChanged()
  t.equal(director.ready(), true, 'and once ready, stays so')
})

t.test('a restart adopts what is pinned and writes nothing', async (t) => {
  const before = fakeWorld([web, mail])
  before.answer(11, 12)
  const first = await started(before)
  await first.change('weight', weigh('web', 3))
  await first.stop()
  const recorded = { fileDigest: 'one', base: [web, mail], services: first.desired().services }

  const world = fakeWorld([web, mail], recorded, before.maps)
  const director = await started(world)
  t.strictSame(world.written, [], 'no server has answered the new controller yet')
  t.strictSame(world.journalled, [])
  t.match(world.lines, [{ message: 'the maps are in line', fields: { adopted: 2, services: 2 } }])
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 3)
  t.equal(director.serverStatus('web', '10.0.0.11:80').state, 'up')

  world.answer(11)
  director.neighboursChanged()
  world.pass(4999)
  await director.tick()
  t.strictSame(world.written, [])
  world.pass(1)
  await director.tick()
  t.match(kinds(world)[0], /^server layOut turnOn/, 'whoever has not answered by now is unresolved')
  t.equal(director.serverStatus('web', '10.0.0.12:80').state, 'unresolved')
})

t.test('a restart believes the routers for as long as the servers', async (t) => {
  const hop = { network: '0.0.0.0' as Address, prefix: 0, via: '10.0.0.254' as Address, interface: 'eth0' }
  const link = { network: '10.0.0.0' as Address, prefix: 24, via: 'link' as const, interface: 'eth0' }
  const mac = '02:00:00:00:02:54'
  const before = fakeWorld([web])
  before.knobs.hops = { IPv4: [link, { ...hop, mac }], IPv6: [{ ...hop, network: '::' as Address, mac }] }
  await (await started(before)).stop()

  const world = fakeWorld([web], undefined, before.maps)
  world.knobs.hops = { IPv4: [link, hop], IPv6: [{ ...hop, network: '::' as Address }] }
  const director = await started(world)
  t.strictSame(world.written, [], 'no router has answered the new controller yet')
  world.pass(5000)
  await director.tick()
  t.match(world.written.at(-1), [
    { kind: 'hops', hops: { lists: { IPv4: [{}, { route: undefined }], IPv6: [{ route: undefined }] } } },
  ])
  world.knobs.hops = { IPv4: [link, { ...hop, mac: '02:00:00:00:02:55' }], IPv6: undefined }
  director.neighboursChanged()
  await settle()
  t.match(world.written.at(-1), [{ hops: { lists: { IPv4: [{}, { route: { mac: '02:00:00:00:02:55' } }], IPv6: [] } } }])
})

t.test('a server that is the director itself is up, and needs no neighbour', async (t) => {
  const world = fakeWorld([web])
  world.answer(12)
  world.knobs.own = new Set(['10.0.0.11' as Address])
  const director = await started(world)
  t.equal(director.ready(), true)
  t.equal(director.serverStatus('web', '10.0.0.11:80').state, 'up')
  t.ok(logged(world).includes('info server is this director itself web 10.0.0.11:80'))
  world.lines.length = 0
  world.silence(12)
  director.neighboursChanged()
  await settle()
  t.notOk(
    logged(world).some((line) => line.includes('10.0.0.11')),
    'and that is told once',
  )
})

t.test('indices that a dead controller left retired are not used before a sweep', async (t) => {
  const maps = fakeMaps()
  const before = fakeWorld([web, mail], undefined, maps)
  before.answer(11, 12)
  const first = await started(before)
  await first.change('remove', () => [mail])
  const world = fakeWorld([mail, web], undefined, maps)
  world.answer(11, 12)
  const director = await started(world)
  t.match(world.written.flat(), [{ kind: 'server', entry: { index: 4 } }, { entry: { index: 5 } }])
  await director.tick()
  t.strictSame(world.swept, [{ listeners: [1], servers: [1, 2] }])
  t.strictSame(world.written.at(-1), [
    { kind: 'freeServer', index: 1 },
    { kind: 'freeServer', index: 2 },
  ])
})

t.test('a changed file wins, and what it undoes is named', async (t) => {
  const recorded = { fileDigest: 'one', base: [web], services: weigh('web', 0)([web]) }
  const world = fakeWorld([service('web', 80, '11 x5', '12')], recorded, fakeMaps(), 'two')
  world.answer(11, 12)
  const director = await started(world)
  const undone = 'services/web/servers/10.0.0.11:80 from {"weight":0} to {"weight":5}'
  t.match(world.journalled, [{ origin: 'file', fileDigest: 'two', summary: `configuration file; undone: ${undone}` }])
  t.ok(logged(world).includes(`warn the changed file undoes a change made through the API ${undone}`))
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 5)
})

t.test('a change is on the disk before it is in the maps', async (t) => {
  const { world, director } = await running()
  let written = () => {}
  world.knobs.disk = new Promise((resolve) => {
    written = () => resolve()
  })
  const change = director.change('set a weight', weigh('web', 5))
  await settle()
  t.strictSame(world.written, [], 'not before')
  written()
  const changes = await change
  t.match(changes, [{ action: 'change', path: 'services/web/servers/10.0.0.11:80', before: { weight: 1 }, after: { weight: 5 } }])
  t.strictSame(kinds(world), ['layOut turnOn'])
  t.match(world.journalled, [{ origin: 'api', fileDigest: 'one', summary: 'set a weight' }])
  t.strictSame(logged(world), ['info applied web 10.0.0.11:80'])
})

t.test('changes are taken one after another, and those that wait share an fsync', async (t) => {
  const { world, director } = await running()
  const seen: number[] = []
  const grow = (services: readonly Service[]) => {
    const weight = services[0]?.servers[0]?.weight ?? 0
    seen.push(weight)
    return weigh('web', weight + 1)(services)
  }
  await Promise.all([director.change('a', grow), director.change('b', grow), director.change('c', grow)])
  t.strictSame(seen, [1, 2, 3])
  t.equal(world.journalled.length, 3)
  t.strictSame(kinds(world), ['layOut turnOn', 'layOut turnOn layOut turnOn'])
})

t.test('a refused change changes nothing, and the ones beside it go on', async (t) => {
  const { world, director } = await running()
  const before = director.desired()
  const slow = director.change('first', weigh('mail', 2))
  const conflict = director.change('second', (services) => [...services, { ...web, name: 'other' }])
  const doubled = director.change('third', ([one, ...rest]) => [
    { ...(one as Service), servers: [...web.servers, ...web.servers] },
    ...rest,
  ])
  const thrown = director.change('fourth', () => {
    throw new Error('no such service')
  })
  const last = director.change('fifth', weigh('web', 2))
  await t.rejects(conflict, { code: 'conflict', errors: [{ path: 'services[2].address' }] })
  await t.rejects(doubled, { code: 'conflict', errors: [{ path: 'services[0].servers[2]' }, {}] })
  await t.rejects(thrown, { message: 'no such service' })
  await Promise.all([slow, last])
  t.equal(world.journalled.length, 2)
  t.not(director.desired(), before)
  t.equal(director.serverStatus('mail', '10.0.0.11:25').weight, 2)
})

t.test('a change that changes nothing is not journalled', async (t) => {
  const { world, director } = await running()
  t.strictSame(await director.change('nothing', (services) => services.map((one) => ({ ...one }))), [])
  t.strictSame([world.journalled, world.written, world.lines], [[], [], []])
})

t.test('another order of services is kept, though no map knows it', async (t) => {
  const { world, director } = await running()
  await director.change('order', (services) => [...services].reverse())
  t.equal(world.journalled.length, 1)
  t.strictSame(world.written, [])
  t.strictSame(
    director.desired().services.map(({ name }) => name),
    ['mail', 'web'],
  )
})

t.test('a disk that fails refuses the change', async (t) => {
  const { world, director } = await running()
  world.knobs.full = new Error('ENOSPC')
  await t.rejects(director.change('weight', weigh('web', 2)), { message: 'ENOSPC' })
  t.strictSame(world.written, [])
  t.equal(director.desired().services[0], web)
  world.knobs.full = undefined
  await director.change('weight', weigh('web', 2))
  t.strictSame(kinds(world), ['layOut turnOn'])
})

t.test('maps that fail are read and written again', async (t) => {
  const { world, director } = await running()
  world.knobs.broken = new Error('EFAULT')
  await t.rejects(director.change('weight', weigh('web', 2)), { message: 'EFAULT' })
  t.match(director.status().warnings, ['the maps are not in line: EFAULT'])
  await director.tick()
  world.knobs.broken = undefined
  await director.tick()
  t.strictSame(kinds(world), ['layOut turnOn'])
  t.strictSame(director.status().warnings, [])
  t.strictSame(logged(world), ['error the maps are not in line; trying again EFAULT', 'info the maps are in line again'])
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 2, 'for it is on the disk')
})

t.test('a dry run lists and refuses, and does nothing', async (t) => {
  const { world, director } = await running()
  t.match(director.dryRun(weigh('web', 0)), [{ action: 'change', path: 'services/web/servers/10.0.0.11:80' }])
  t.throws(() => director.dryRun((services) => [...services, web]), { code: 'conflict' })
  t.throws(() => director.dryRun(() => Array.from({ length: 17 }, (_, n) => service(`s${n}`, n + 1))), { code: 'tooMany' })
  t.strictSame([world.journalled, world.written], [[], []])
  t.equal(director.desired().services[0], web)
})

t.test('lines that rest are waited for only when they are what is missing', async (t) => {
  const world = fakeWorld([web])
  world.answer(11, 12)
  const limits = { ...world.file.desired.limits, ringSlots: 25 * 32 }
  const director = await started({ ...world, file: { ...world.file, desired: { ...world.file.desired, limits } } })
  let over = () => {}
  world.knobs.grace = new Promise((resolve) => {
    over = () => resolve()
  })
  await director.change('second of two places', weigh('web', 2))
  const third = director.change('no third', weigh('web', 3))
  await settle()
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 2)
  over()
  await third
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 3)
  await t.rejects(
    director.change('too much', (services) =>
      [...services, service('a', 1, '13'), service('b', 2, '13'), service('c', 3, '13')].map((one) => ({
        ...one,
        servers: web.servers.map((s) => ({ ...s, port: one.listeners[0]?.firstPort ?? 0 })),
      })),
    ),
    { code: 'tooMany', errors: [{ path: 'limits.ringSlots' }] },
  )
})

t.test('servers that come, move and go are followed and logged', async (t) => {
  const { world, director } = await running([web], 11)
  const found = world.neighbours.current() as Map<Address, object>
  const look = async () => {
    director.neighboursChanged()
    director.neighboursChanged()
    await settle()
  }
  world.answer(12)
  await look()
  found.set('10.0.0.12' as Address, { mac: '02:00:00:00:00:99', interface: 'eth0' })
  await look()
  world.silence(12)
  await look()
  t.strictSame(kinds(world), ['server layOut turnOn', 'server', 'server layOut turnOn'])
  t.strictSame(logged(world), [
    'info server resolved web 10.0.0.12:80',
    'info server moved web 10.0.0.12:80',
    'info server lost: it answers neither ARP nor neighbour discovery web 10.0.0.12:80',
  ])
})

t.test('new servers are watched, others no more', async (t) => {
  const { world, director } = await running([web])
  world.watched.length = 0
  await director.change('weight', weigh('web', 0))
  t.strictSame(world.watched, [])
  await director.change('more', () => [service('web', 80, '12', '13'), service('dns', 53, '13')])
  t.strictSame(world.watched, [['10.0.0.12', '10.0.0.13']])
})

t.test('removed servers are free after a whole sweep', async (t) => {
  const { world, director } = await running()
  await director.change('remove', () => [service('web', 80, '11')])
  await director.tick()
  t.strictSame(world.swept.at(-1), { listeners: [2], servers: [3, 2] })
  t.strictSame(kinds(world).at(-1), 'freeServer freeServer')
  await director.tick()
  t.strictSame(world.swept.at(-1), { listeners: [], servers: [] })
})

t.test('there is one sweep at a time', async (t) => {
  const { world, director } = await running()
  const sweeps = world.swept.length
  await Promise.all([director.tick(), director.tick()])
  t.equal(world.swept.length, sweeps + 1)
})

t.test('a sweep that fails is told and tried again', async (t) => {
  const { world, director } = await running()
  await director.change('remove', () => [web])
  world.knobs.sweep = new Error('EIO')
  await director.tick()
  t.ok(logged(world).includes('error the sweep failed Error: EIO'))
  t.notMatch(kinds(world), [/freeServer/])
  world.knobs.sweep = { ...(fakeWorld([]).knobs.sweep as object), mended: 2 } as never
  await director.tick()
  t.equal(kinds(world).at(-1), 'freeServer')
  t.ok(logged(world).includes('warn connection counters mended'))
})

t.test('SIGHUP with the file as it was: the state stands', async (t) => {
  const { world, director } = await running()
  await director.change('weight', weigh('web', 7))
  world.written.length = 0
  t.strictSame(await director.reload(world.file), [])
  t.strictSame(world.written, [])
  t.equal(world.journalled.length, 1)
  t.equal(director.serverStatus('web', '10.0.0.11:80').weight, 7)
})

t.test('SIGHUP with a changed file: services, sources and timeouts at once, the rest is named', async (t) => {
  const { world, director } = await running()
  await director.change('weight', weigh('web', 7))
  const sources = ['10.0.0.1' as Address]
  const file = { ...desired(web), vips: 'assign' as const, sources, timeouts: { tcp: 60, tcpFin: 30, udp: 10 } }
  t.strictSame(await director.reload({ desired: file, digest: 'two' }), ['vips'])
  t.match(kinds(world).at(-1), /^timeouts source layOut turnOn removeListener/)
  t.match(world.journalled.at(-1), {
    origin: 'file',
    fileDigest: 'two',
    services: [web],
    summary: /undone: services\/web\/servers/,
  })
  t.equal(director.desired().vips, 'manual')
  t.equal(director.desired().timeouts.tcp, 60)
  t.equal(director.desired().sources, sources)
  await director.change('another', weigh('web', 2))
  t.match(world.journalled.at(-1), { origin: 'api', fileDigest: 'two' })
  await director.reload({ desired: { ...file, services: [web, mail] }, digest: 'three' })
  t.match(world.journalled.at(-1), {
    summary: /undone: services\/web\/servers\/10.0.0.11:80 from \{"weight":2\} to \{"weight":1\}$/,
  })
})

t.test('interfaces that change are followed', async (t) => {
  const { world, director } = await running([web])
  world.attached.push({ name: 'eth1', ifindex: 4, mac: '02:00:00:00:00:04', mode: 'generic', reason: 'no driver support' })
  await director.tick()
  t.strictSame(kinds(world), ['interface'])
  t.match(director.status(), {
    interfaces: [{ name: 'eth0' }, { name: 'eth1' }],
    warnings: ['eth1: XDP runs in generic mode: no driver support'],
  })
})

t.test('VIPs on no interface are warned of, once', async (t) => {
  const { world, director } = await running()
  world.knobs.absent = [vip]
  await director.tick()
  await director.tick()
  t.strictSame(director.serviceStatus('web').warnings, ['the VIP 203.0.113.10 is on no interface'])
  t.strictSame(director.status().warnings, ['the VIP 203.0.113.10 is on no interface'])
  world.knobs.absent = []
  await director.tick()
  t.strictSame(logged(world), [`warn the VIP is on no interface ${vip}`, `info the VIP is on an interface now ${vip}`])
  t.strictSame(world.assigned, [], 'manual is manual')
})

t.test('so are sources, which are none of our VIPs', async (t) => {
  const world = fakeWorld([web])
  const source = '10.0.0.1' as Address
  const file = { ...world.file, desired: { ...world.file.desired, vips: 'assign' as const, sources: [source] } }
  const director = await started({ ...world, file })
  world.knobs.absent = [source]
  await director.tick()
  t.strictSame(director.status().warnings, ['the source 10.0.0.1 is on no interface'])
  t.strictSame(logged(world).slice(-1), [`warn the source is on no interface ${source}`])
  t.strictSame(world.assigned, [[vip]], 'an administrator has to see to them')
})

t.test('VIPs are assigned where that is wanted, when they change', async (t) => {
  const world = fakeWorld([web])
  const file = { ...world.file, desired: { ...world.file.desired, vips: 'assign' as const } }
  const director = await started({ ...world, file })
  await director.tick()
  t.strictSame(world.assigned, [[vip]])
  const other = { ...service('dns', 53), listeners: listeners('tcp 203.0.113.20:53', 'tcp 203.0.113.128/25:53') }
  await director.change('add', (services) => [...services, other])
  await settle()
  t.strictSame(world.assigned[1], [vip, '203.0.113.20'])
  world.knobs.assign = new Error('EPERM')
  await director.change('remove', () => [web])
  await settle()
  t.ok(logged(world).some((line) => line.startsWith('error VIPs could not be looked after')))
  world.knobs.assign = undefined
  await director.tick()
  t.strictSame(world.assigned[2], [vip], 'tried again')
})

t.test('a grace period that fails is told', async (t) => {
  const { world, director } = await running()
  world.knobs.grace = Promise.reject(new Error('EINTR'))
  await director.change('weight', weigh('web', 2))
  await settle()
  t.ok(logged(world).includes('error waiting for a grace period failed Error: EINTR'))
})

t.test('after stop nothing is begun', async (t) => {
  const { world, director } = await running()
  const change = director.change('last', weigh('web', 2))
  await director.stop()
  await change
  const sweeps = world.swept.length
  await director.tick()
  t.equal(world.swept.length, sweeps)
})

t.test('many changes are summed up in the log', async (t) => {
  const { world, director } = await running([])
  const many = service('web', 80, ...Array.from({ length: 60 }, (_, host) => `${host + 1}`))
  await director.change('add', () => [service('web', 80)])
  world.lines.length = 0
  await director.change('fill', () => [many])
  const applied = logged(world).filter((line) => line.startsWith('info applied'))
  t.equal(applied.length, 51)
  t.match(world.lines.at(-1), { message: 'applied more', fields: { changes: 10, request: 'fill' } })
})
