// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { ServerDocument, ServiceDocument } from '../../src/api/documents.js'
import { serverName } from '../../src/model/desired.js'
import { stage } from './stage.js'

const mail = { name: 'mail', protocol: 'tcp', address: '203.0.113.11', port: 25, servers: [{ address: '10.0.0.21' }] }
const merge = { 'content-type': 'application/merge-patch+json' }

const weights = (service: ServiceDocument) => service.servers.map((server) => `${serverName(server as never)}=${server.weight}`)

t.test('a service is added, with its defaults filled in and its status', async (t) => {
  const { send, director } = await stage()
  const answer = await send('POST', '/v1/services', mail)
  const service = answer.json as ServiceDocument
  t.equal(answer.status, 201)
  t.equal(answer.headers.location, '/v1/services/mail')
  t.match(service, { scheduler: 'wrr', forwarding: 'dr', stray: 'reset', status: { state: 'up', warnings: [] } })
  t.match(service.servers, [{ address: '10.0.0.21', port: 25, weight: 1, status: { state: 'up', mac: '02:00:00:00:00:11' } }])
  t.same((await send('GET', String(answer.headers.location))).json, service)
  t.same(director.summaries, ['add service mail'])
})

t.test('a service without a name gets one', async (t) => {
  const { send } = await stage()
  const answer = await send('POST', '/v1/services', { ...mail, name: undefined })
  t.equal(answer.headers.location, '/v1/services/tcp-203-0-113-11-25')
})

t.test('PUT adds a service that is not there, and replaces one that is, in its place', async (t) => {
  const { send, director } = await stage()
  const { name: _, ...nameless } = mail
  const added = await send('PUT', '/v1/services/mail', nameless)
  t.equal(added.status, 201)
  t.equal(added.headers.location, '/v1/services/mail')
  const replaced = await send('PUT', '/v1/services/web', { ...nameless, port: 80 })
  t.equal(replaced.status, 200)
  t.equal(replaced.headers.location, undefined)
  t.match(replaced.json, { name: 'web', address: '203.0.113.11', servers: { length: 1 } })
  t.same(
    director.desired().services.map(({ name }) => name),
    ['web', 'dns', 'mail'],
  )
})

t.test('what GET answers can be PUT unchanged', async (t) => {
  const { send, director } = await stage()
  const before = JSON.stringify(director.desired())
  for (const url of ['/v1/services/web', '/v1/services/web/servers/10.0.0.11:80', '/v1/config']) {
    const { json } = await send('GET', url)
    t.equal((await send('PUT', url, json)).status, 200, url)
  }
  t.equal(JSON.stringify(director.desired()), before)
  t.equal(director.summaries.length, 3)
})

t.test('a merge patch changes what it names: null goes back to the default, a list replaces', async (t) => {
  const { send } = await stage()
  const rr = await send('PATCH', '/v1/services/web', { scheduler: 'rr', stray: 'drop' }, merge)
  t.equal(rr.status, 200)
  t.match(rr.json, { scheduler: 'rr', stray: 'drop', servers: { length: 2 } })
  const wrr = await send('PATCH', '/v1/services/web', { scheduler: null }, merge)
  t.match(wrr.json, { scheduler: 'wrr', stray: 'drop' })
  const moved = await send('PATCH', '/v1/services/web', { port: 8080 })
  t.match(moved.json, { port: 8080, servers: [{ port: 8080 }, { port: 8080 }] })
  t.equal((await send('PATCH', '/v1/services/web', { port: 80 })).status, 200)
  const servers = await send('PATCH', '/v1/services/web', { servers: [{ address: '10.0.0.19' }] })
  t.same(weights(servers.json as ServiceDocument), ['10.0.0.19:80=1'])
})

t.test('a service that listens in several places is told as a list, and changes to one and back', async (t) => {
  const { send } = await stage()
  const one = { protocol: 'tcp', address: '203.0.113.11', port: 25 }
  const both = [one, { ...one, port: 587 }]
  const added = await send('POST', '/v1/services', { name: 'mail', listeners: both, servers: [{ address: '10.0.0.21' }] })
  t.equal(added.status, 201, added.text)
  t.match(added.json, { listeners: both, servers: [{ address: '10.0.0.21', port: 0 }] })
  t.notOk('address' in (added.json as object))
  t.equal((await send('GET', '/v1/services/mail/servers/10.0.0.21:0')).status, 200)

  const listed = async (patch: object) => (await send('PATCH', '/v1/services/mail', patch, merge)).json as object
  const tcp = { address: '203.0.113.11', port: 465 }
  t.match(await listed({ listeners: [tcp] }), { protocol: 'tcp', ...tcp, listeners: undefined })
  t.match(await listed({ listeners: both, servers: [] }), { listeners: both, address: undefined })
  t.match(await listed({ protocol: 'udp' }), { listeners: both.map((listener) => ({ ...listener, protocol: 'udp' })) })
  t.match(await listed({ address: '203.0.113.12', port: 25 }), { protocol: 'udp', address: '203.0.113.12', port: 25 })
  t.match(await listed({ port: 26 }), { protocol: 'udp', address: '203.0.113.12', port: 26 })
  t.match(
    await listed({
      listeners: [
        { ...tcp, protocol: 'tcp' },
        { ...tcp, protocol: 'udp' },
      ],
    }),
    { listeners: { length: 2 } },
  )
  t.match(await listed({ listeners: [tcp] }), { status: 400, errors: [{ path: 'listeners[0].protocol' }] })
  t.match(await listed({ port: 25 }), { status: 400, errors: [{ path: 'protocol' }, { path: 'address' }] })
})

t.test('servers are listed, added, weighed and removed, and keep their turns', async (t) => {
  const { send, director } = await stage()
  const url = '/v1/services/web/servers'
  const listed = async () =>
    ((await send('GET', url)).json as ServerDocument[]).map(({ address, weight }) => `${address}=${weight}`)

  const added = await send('POST', url, { address: '10.0.0.13', weight: 5 })
  t.equal(added.status, 201)
  t.equal(added.headers.location, `${url}/10.0.0.13:80`)
  t.match(added.json, { address: '10.0.0.13', port: 80, weight: 5, status: { weight: 5 } })

  t.equal((await send('PATCH', `${url}/10.0.0.11:80`, { weight: 0 })).status, 200)
  t.same(await listed(), ['10.0.0.11=0', '10.0.0.12=1', '10.0.0.13=5'])

  t.equal((await send('PUT', `${url}/10.0.0.12:80`, { weight: 7 })).status, 200)
  const put = await send('PUT', `${url}/10.0.0.14%3A80`, {})
  t.equal(put.status, 201)
  t.equal(put.headers.location, `${url}/10.0.0.14:80`)
  t.same(await listed(), ['10.0.0.11=0', '10.0.0.12=7', '10.0.0.13=5', '10.0.0.14=1'])

  const removed = await send('DELETE', `${url}/10.0.0.12:80`)
  t.equal(removed.status, 204)
  t.equal(removed.text, '')
  t.same(await listed(), ['10.0.0.11=0', '10.0.0.13=5', '10.0.0.14=1'])
  t.same(director.summaries, [
    'add server 10.0.0.13:80 to web',
    'patch server 10.0.0.11:80 of web',
    'put server 10.0.0.12:80 of web',
    'put server 10.0.0.14:80 of web',
    'remove server 10.0.0.12:80 from web',
  ])
})

t.test('a removed service is gone, and its listener is free', async (t) => {
  const { send } = await stage()
  t.equal((await send('DELETE', '/v1/services/web', undefined, { 'content-type': 'application/json' })).status, 204)
  t.equal((await send('GET', '/v1/services/web')).status, 404)
  t.equal((await send('POST', '/v1/services', { ...mail, address: '203.0.113.10', port: 80 })).status, 201)
})

t.test('PUT /v1/config replaces the services; a dry run only says what would change', async (t) => {
  const { send, director } = await stage()
  const before = JSON.stringify(director.desired())
  const dry = await send('PUT', '/v1/config?dryRun=true', { services: [mail] })
  t.match(dry.json, {
    dryRun: true,
    changes: [{ action: 'add', path: 'services/mail' }, { action: 'remove' }, { action: 'remove' }],
  })
  t.equal(JSON.stringify(director.desired()), before)
  t.same(director.summaries, [])

  const wet = await send('PUT', '/v1/config', { interfaces: ['eth0'], limits: { services: 4096 }, services: [mail] })
  t.match(wet.json, { dryRun: false, changes: { length: 3 } })
  t.same(
    director.desired().services.map(({ name }) => name),
    ['mail'],
  )
})

t.test('requests at the same time all count', async (t) => {
  const { send, director } = await stage()
  const add = (index: number) => send('POST', '/v1/services/web/servers', { address: `10.0.1.${index}` })
  const weigh = (index: number) => send('PATCH', '/v1/services/dns', { stray: index % 2 ? 'drop' : 'hash' })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? weigh(index) : add(index))))
  t.same([...new Set(answers.map(({ status }) => status))].sort(), [200, 201])
  t.equal(director.desired().services[0]?.servers.length, 22)
})

t.test('of two requests for one listener at once, one is refused', async (t) => {
  const { send, director } = await stage()
  const answers = await Promise.all([send('POST', '/v1/services', mail), send('POST', '/v1/services', { ...mail, name: 'post' })])
  t.same(
    answers.map(({ status }) => status),
    [201, 409],
  )
  t.equal(director.desired().services.length, 3)
})

t.test('of many that create one service, one says so', async (t) => {
  const { send } = await stage()
  const answers = await Promise.all(Array.from({ length: 5 }, () => send('PUT', '/v1/services/mail', mail)))
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 201])
})
