// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Problem } from '../../src/api/errors.js'
import { pathsOf, stage } from './stage.js'

const { send, director } = await stage()
const before = JSON.stringify(director.desired())

const web = '/v1/services/web'
const first = `${web}/servers/10.0.0.11:80`
const mail = { name: 'mail', protocol: 'tcp', address: '203.0.113.11', port: 25 }
const withServer = (server: object) => ({ ...mail, servers: [{ address: '10.0.0.21', ...server }] })

const grouped = (...ports: number[]) => ({ listeners: ports.map((port) => ({ protocol: 'tcp', address: '203.0.113.10', port })) })
const forwardingOfFirst = 'servers[0].forwarding'
const named = ['name'].map((field) => `listeners[0].${field}`)

type Row = readonly [title: string, method: string, url: string, body: unknown, status: number, paths: readonly string[]]

const refused: readonly Row[] = [
  // bodies of a service
  ['a bad address', 'POST', '/v1/services', { ...mail, address: '203.0.113.256' }, 400, ['address']],
  ['an unknown scheduler', 'POST', '/v1/services', { ...mail, scheduler: 'best' }, 400, ['scheduler']],
  ['a scheduler of a later version', 'POST', '/v1/services', { ...mail, scheduler: 'wlc' }, 400, ['scheduler']],
  ['port 70000', 'POST', '/v1/services', { ...mail, port: 70000 }, 400, ['port']],
  ['a list beside an address', 'POST', '/v1/services', { ...mail, listeners: [mail] }, 400, ['address', 'port', ...named]],
  ['a port of text', 'POST', '/v1/services', { ...mail, port: '25' }, 400, ['port']],
  ['no port', 'POST', '/v1/services', { ...mail, port: undefined }, 400, ['port']],
  ['an unknown field', 'POST', '/v1/services', { ...mail, colour: 'red' }, 400, ['colour']],
  ['a name that is no label', 'POST', '/v1/services', { ...mail, name: 'Mail_1' }, 400, ['name']],
  ['every wrong field at once', 'POST', '/v1/services', { ...mail, port: -1, protocol: 'icmp' }, 400, ['port', 'protocol']],
  ['a negative weight', 'POST', '/v1/services', withServer({ weight: -1 }), 400, ['servers[0].weight']],
  ['an unknown field of a server', 'POST', '/v1/services', withServer({ wieght: 1 }), 400, ['servers[0].wieght']],
  ['no body', 'POST', '/v1/services', undefined, 400, ['service']],
  ['an empty body', 'POST', '/v1/services', '', 400, ['service']],
  ['a list for a service', 'POST', '/v1/services', [mail], 400, ['service']],
  ['text that is not JSON', 'POST', '/v1/services', '{"name": "mail"', 400, ['body']],
  ['a prototype', 'POST', '/v1/services', '{"__proto__": {"name": "x"}}', 400, ['__proto__', 'address', 'port', 'protocol']],

  // what is taken
  ['a taken name', 'POST', '/v1/services', { ...mail, name: 'web' }, 409, ['name']],
  ['a taken listener', 'POST', '/v1/services', { ...mail, address: '203.0.113.10', port: 80 }, 409, ['address']],
  ['a listener taken among others', 'POST', '/v1/services', grouped(26, 80, 27), 409, ['listeners[1]']],
  ['both', 'POST', '/v1/services', { ...mail, name: 'web', address: '203.0.113.10', port: 80 }, 409, ['name', 'address']],
  ['a listener taken by another', 'PUT', '/v1/services/mail', { ...mail, address: '203.0.113.10', port: 80 }, 409, ['address']],
  ['a patch to a taken listener', 'PATCH', '/v1/services/dns', { port: 80, protocol: 'tcp', servers: [] }, 409, ['address']],
  ['a taken server', 'POST', `${web}/servers`, { address: '10.0.0.11' }, 409, ['address']],

  // what the address says already
  ['another name than the address has', 'PUT', web, { ...mail, name: 'mail' }, 400, ['name']],
  ['a new name by patch', 'PATCH', web, { name: 'www' }, 400, ['name']],
  ['a bad name in the address', 'PUT', '/v1/services/Web', { ...mail, name: undefined }, 400, ['name']],
  ['another server than the address has', 'PUT', first, { address: '10.0.0.19' }, 400, ['address']],
  ['a server moved by patch', 'PATCH', first, { address: '10.0.0.19' }, 400, ['address']],

  // bodies of a server, and patches
  ['a weight of text', 'PATCH', first, { weight: '3' }, 400, ['weight']],
  ['a weight too large', 'PUT', first, { weight: 2147483648 }, 400, ['weight']],
  ['another port in direct routing', 'POST', `${web}/servers`, { address: '10.0.0.13', port: 8080 }, 400, ['port']],
  ['the VIP as a server', 'POST', `${web}/servers`, { address: '203.0.113.10' }, 400, ['address']],
  ['a server of IPv6', 'POST', `${web}/servers`, { address: '2001:db8::1' }, 400, ['address']],
  ['a patch that servers follow', 'PATCH', web, { forwarding: 'fullnat' }, 400, [0, 1].map((at) => `servers[${at}].forwarding`)],
  [
    'full NAT of SCTP',
    'POST',
    '/v1/services',
    { ...withServer({ forwarding: 'fullnat' }), protocol: 'sctp' },
    400,
    [forwardingOfFirst],
  ],
  ['full NAT without a source', 'PATCH', first, { forwarding: 'fullnat', port: 80 }, 400, ['forwarding']],
  ['a patch that is a list', 'PATCH', web, [], 400, ['body']],
  ['a patch that is null', 'PATCH', web, null, 400, ['body']],
  ['a patch that removes what is required', 'PATCH', web, { address: null }, 400, ['address']],
  ['a patch with an unknown field', 'PATCH', web, { colour: 'red' }, 400, ['colour']],
  ['a patch as deep as the stack', 'PATCH', web, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400, ['body']],

  // the whole state
  ['no services', 'PUT', '/v1/config', {}, 400, ['services']],
  ['services of the wrong shape', 'PUT', '/v1/config', { services: {} }, 400, ['services']],
  ['a configuration that is text', 'PUT', '/v1/config', '"x"', 400, ['configuration']],
  [
    'a bad server, deep inside',
    'PUT',
    '/v1/config',
    { services: [withServer({ weight: 'x' })] },
    400,
    ['services[0].servers[0].weight'],
  ],
  ['a listener twice', 'PUT', '/v1/config', { services: [mail, { ...mail, name: 'post' }] }, 400, ['services[1].address']],
  ['another setting', 'PUT', '/v1/config', { services: [], stateDir: '/tmp' }, 400, ['stateDir']],
  ['other interfaces', 'PUT', '/v1/config', { services: [], interfaces: ['eth9'] }, 400, ['interfaces']],
  ['part of a setting', 'PUT', '/v1/config', { services: [], limits: { connections: 5 } }, 400, ['limits.connections']],
  ['a new tokens file', 'PUT', '/v1/config', { services: [], api: { tokens: '/etc/tokens' } }, 400, ['api.tokens']],
  ['an unknown setting', 'PUT', '/v1/config', { services: [], colour: 'red' }, 400, ['colour']],
  ['a bad timeout', 'PUT', '/v1/config', { services: [], timeouts: { tcp: '17h' } }, 400, ['timeouts.tcp']],
  ['a doubtful dry run', 'PUT', '/v1/config?dryRun=maybe', { services: [] }, 400, ['dryRun']],
  ['a misspelt dry run', 'PUT', '/v1/config?dryrun=true', { services: [] }, 400, ['dryrun']],

  // queries
  ['a limit of 0', 'GET', '/v1/connections?limit=0', undefined, 400, ['limit']],
  ['a limit too large', 'GET', '/v1/connections?limit=1001', undefined, 400, ['limit']],
  ['a limit of text', 'GET', '/v1/connections?limit=many', undefined, 400, ['limit']],
  ['a client that is no address', 'GET', '/v1/connections?client=10.0.0', undefined, 400, ['client']],
  ['a client of IPv6 and a zone', 'GET', '/v1/connections?client=fe80::1%25eth0', undefined, 400, ['client']],
  ['a server of IPv6 without brackets', 'GET', '/v1/connections?server=2001:db8::1:80', undefined, 400, ['server']],
  ['a server without a port', 'GET', '/v1/connections?server=10.0.0.11', undefined, 400, ['server']],
  ['a service that is not there', 'GET', '/v1/connections?service=nope', undefined, 404, []],
  ['a strange cursor', 'GET', '/v1/connections?cursor=%00', undefined, 400, ['cursor']],
  ['an unknown parameter', 'GET', '/v1/connections?vip=1', undefined, 400, ['vip']],

  // what is not there
  ['an unknown service', 'GET', '/v1/services/nope', undefined, 404, []],
  ['a patch of an unknown service', 'PATCH', '/v1/services/nope', { port: 1 }, 404, []],
  ['an unknown service to remove', 'DELETE', '/v1/services/nope', undefined, 404, []],
  ['servers of an unknown service', 'GET', '/v1/services/nope/servers', undefined, 404, []],
  ['a server for an unknown service', 'POST', '/v1/services/nope/servers', { address: '10.0.0.1' }, 404, []],
  ['an unknown server', 'GET', `${web}/servers/10.0.0.99:80`, undefined, 404, []],
  ['a patch of an unknown server', 'PATCH', `${web}/servers/10.0.0.99:80`, { weight: 1 }, 404, []],
  ['an unknown server to remove', 'DELETE', `${web}/servers/10.0.0.99:80`, undefined, 404, []],
  ['a server of IPv6', 'GET', `${web}/servers/%5B2001:db8::1%5D:80`, undefined, 404, []],
  ['a server that is no address', 'GET', `${web}/servers/ten:80`, undefined, 400, ['server']],
  ['a server on port 70000', 'DELETE', `${web}/servers/10.0.0.11:70000`, undefined, 400, ['server']],
  ['an unknown address', 'GET', '/v2/services', undefined, 404, []],
  ['an address that cannot be decoded', 'GET', '/v1/services/%zz', undefined, 400, []],
  ['an unknown method', 'DELETE', '/v1/services', undefined, 405, []],
  ['an unknown method of a server', 'POST', first, {}, 405, []],
]

for (const [title, method, url, body, status, paths] of refused) {
  t.test(`${title}: ${method} ${url.slice(0, 60)} is refused with ${status}`, async (t) => {
    const answer = await send(method, url, body)
    const problem = answer.json as Problem
    t.equal(answer.status, status, answer.text)
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.same(pathsOf(answer).sort(), [...paths].sort())
    t.equal(problem.status, status)
    t.ok(problem.title && problem.detail && problem.type)
    t.equal(JSON.stringify(director.desired()), before, 'changes nothing')
    t.same(director.summaries, [])
  })
}

t.test('a 405 says which methods there are', async (t) => {
  t.equal((await send('DELETE', '/v1/services')).headers.allow, 'GET, HEAD, POST')
  t.equal((await send('POST', '/v1/services/web')).headers.allow, 'GET, HEAD, PUT, PATCH, DELETE')
})

t.test('a body of another type is refused with 415', async (t) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) {
    const answer = await send('POST', '/v1/services', JSON.stringify(mail), { 'content-type': type })
    t.equal(answer.status, 415, type)
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
  }
  t.equal(JSON.stringify(director.desired()), before)
})

t.test('what is wrong inside is not told to callers', async (t) => {
  const broken = { ...director, change: () => Promise.reject(new Error('EIO: /var/lib/xlvs/journal')) }
  const { send } = await stage(broken)
  const answer = await send('DELETE', '/v1/services/web')
  t.equal(answer.status, 500)
  t.match(answer.headers['content-type'], /^application\/problem\+json/)
  t.notMatch(answer.text, /EIO|journal/)
})

t.test('more errors than anybody reads are cut', async (t) => {
  const services = Array.from({ length: 1000 }, () => ({}))
  const answer = await send('PUT', '/v1/config', { services })
  t.equal(answer.status, 400)
  t.equal(pathsOf(answer).length, 100)
})
