// SPDX-License-Identifier: Apache-2.0
// Wrong input to a director at work: each names the field, and nothing changes, neither state nor traffic.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { requests, sequence, webService } from '../../vagrant/traffic.js'
import { stage } from './stage.js'

const { lab, controller } = await stage(t)
const server = { address: '10.0.0.11', port: 80 }
const other = { name: 'other', protocol: 'tcp', address: '203.0.113.20', port: 80, scheduler: 'rr', servers: [server] }
const configuration = async () => (await controller.api('GET', '/v1/config')).body

type Wrong = [method: string, path: string, body: unknown, status: number, names: string]

const wrong: Record<string, Wrong> = {
  'a bad VIP': ['POST', '/v1/services', { ...other, address: '203.0.113.300' }, 400, 'address'],
  'a host name for a VIP': ['POST', '/v1/services', { ...other, address: 'example.org' }, 400, 'address'],
  'an unknown scheduler': ['POST', '/v1/services', { ...other, scheduler: 'fastest' }, 400, 'scheduler'],
  'a scheduler of a later version': ['POST', '/v1/services', { ...other, scheduler: 'wlc' }, 400, 'scheduler'],
  'a way to forward that there is not': ['POST', '/v1/services', { ...other, forwarding: 'masq' }, 400, 'forwarding'],
  'a duplicate listener': ['POST', '/v1/services', { ...other, address: '203.0.113.10' }, 409, 'address'],
  'a duplicate name': ['POST', '/v1/services', { ...other, name: 'web' }, 409, 'name'],
  'port 70000': ['POST', '/v1/services', { ...other, port: 70000 }, 400, 'port'],
  'a port that is text': ['POST', '/v1/services', { ...other, port: '80' }, 400, 'port'],
  'an unknown field': ['POST', '/v1/services', { ...other, colour: 'red' }, 400, 'colour'],
  'a negative weight': ['POST', '/v1/services/web/servers', { address: '10.0.0.14', port: 80, weight: -1 }, 400, 'weight'],
  'a weight of a half': ['PATCH', '/v1/services/web/servers/10.0.0.11:80', { weight: 0.5 }, 400, 'weight'],
  'a server that is there': ['POST', '/v1/services/web/servers', server, 409, 'address'],
  'another port in direct routing': ['POST', '/v1/services/web/servers', { address: '10.0.0.14', port: 81 }, 400, 'port'],
  'one bad server among good ones': [
    'PATCH',
    '/v1/services/web',
    { servers: [server, { address: '10.0.0.12', port: 80 }, { address: '10.0.0', port: 80 }] },
    400,
    'servers[2].address',
  ],
  'one bad service in a whole configuration': [
    'PUT',
    '/v1/config',
    { services: [other, { ...other, name: 'b', port: -1 }] },
    400,
    'services[1].port',
  ],
  'text that is no JSON': ['POST', '/v1/services', '{"name": ', 400, ''],
  'a list for an object': ['POST', '/v1/services', [other], 400, ''],
}

for (const [name, [method, path, body, status, names]] of Object.entries(wrong)) {
  t.test(`${name} is refused and changes nothing`, async (t) => {
    const before = await configuration()
    const answer = await controller.api(method, path, body)
    t.equal(answer.status, status)
    t.match(answer.body, { type: /./, title: /./, status, detail: /./ }, 'a problem that tells')
    if (names)
      t.ok(
        paths(answer.body).some((each) => each.includes(names)),
        `names ${names}: ${JSON.stringify(answer.body.errors)}`,
      )
    t.strictSame(await configuration(), before)
  })
}

t.test('what is not there', async (t) => {
  for (const path of ['/v1/services/none', '/v1/services/web/servers/10.0.0.99:80', '/v1/nothing', '/nothing']) {
    t.match(await controller.api('GET', path), { status: 404, body: { status: 404, title: /./ } }, path)
  }
})

t.test('a body of 10 MB is refused', async (t) => {
  const before = await configuration()
  const answer = await controller
    .api('PUT', '/v1/config', JSON.stringify({ services: [], padding: 'x'.repeat(10 << 20) }))
    .catch(() => undefined)
  // the connection may be closed before the whole body was taken: then there is nothing to read
  if (answer) t.equal(answer.status, 413)
  t.strictSame(await configuration(), before)
})

t.test('a dry run says what would change, and changes nothing', async (t) => {
  const before = await configuration()
  const { status, body } = await controller.api('PUT', '/v1/config?dryRun=true', { ...before, services: [other] })
  t.equal(status, 200, JSON.stringify(body))
  t.match(JSON.stringify(body), /services\/web/)
  t.match(JSON.stringify(body), /services\/other/)
  t.strictSame(await configuration(), before)
})

t.test('a bad file is refused with its field, by --check and at a start', async (t) => {
  const bad: Record<string, [text: string, names: RegExp]> = {
    'an address': [
      'interfaces: [eth1]\nservices: [{ name: a, protocol: tcp, address: 1.2.3, port: 80, scheduler: rr, servers: [] }]',
      /services\[0\]\.address/,
    ],
    'the shape': ['[1, 2, 3]', /\w/],
    'the syntax': ['interfaces: [eth1', /\w/],
    'an unknown field': ['interfaces: [eth1]\ncolour: red\nservices: []', /colour/],
  }
  for (const [name, [text, names]] of Object.entries(bad)) {
    const file = `${lab.directory}/bad.yaml`
    writeFileSync(file, text)
    for (const more of [['--check'], []]) {
      const { code, stderr, stdout } = await controller.command('xlvsd', ['--config', file, ...more])
      t.equal(code, 2, `${name} ${more}`)
      t.match(stderr + stdout, names)
    }
  }
  const good = await controller.command('xlvsd', ['--config', controller.configPath, '--check'])
  t.equal(good.code, 0, good.stderr)
})

t.test('readiness, health, metrics and documentation answer', async (t) => {
  for (const path of ['/healthz', '/readyz']) t.equal((await controller.api('GET', path)).status, 200, path)
  t.match((await controller.api('GET', '/metrics')).body, /^# (HELP|TYPE) xlvs_/m)
  t.equal((await controller.api('GET', '/docs')).status < 400, true)
})

t.test('bin/xlvs tells the same, in tables and in JSON', async (t) => {
  await requests(lab, 3)
  for (const command of ['status', 'services', 'servers', 'connections', 'stats']) {
    const table = await controller.command('xlvs', [command])
    t.equal(table.code, 0, table.stderr)
    t.ok(table.stdout.split('\n').length > 2, `${command} prints a table`)
    const json = await controller.command('xlvs', [command, '--json'])
    t.doesNotThrow(() => JSON.parse(json.stdout), `${command} --json is JSON`)
  }
})

t.test('after all that, traffic is as it was', async (t) => {
  await controller.api('PATCH', '/v1/services/web', { servers: webService(lab).servers })
  t.match(sequence((await requests(lab, 9)).answers), /^(123){3}$|^(231){3}$|^(312){3}$/)
})

function paths(problem: { errors?: { path: string }[] }): string[] {
  return (problem.errors ?? []).map(({ path }) => path)
}
