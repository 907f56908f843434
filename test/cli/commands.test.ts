// SPDX-License-Identifier: Apache-2.0
// The commands against a real API on a real socket, over a director in memory.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import t from 'tap'
import { parseTokens } from '../../src/api/access.js'
import { hostsOf, listen } from '../../src/api/listen.js'
import { run } from '../../src/cli/program.js'
import { fakeDirector, someConnections } from '../api/fake_director.js'
import { stage } from '../api/stage.js'

const folder = mkdtempSync(`${tmpdir()}/xlvs-`)
const director = fakeDirector(undefined, someConnections(2500))
const { app } = await stage(director)
const api = await listen(app, { kind: 'unix', path: `${folder}/api.sock` })
t.teardown(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line as a shell would split it. */
async function xlvs(line: string, environment: Record<string, string> = { XLVS_API: api }): Promise<Outcome> {
  let out = ''
  let err = ''
  const code = await run(line.split(' ').filter(Boolean), {
    environment,
    print: (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

/** The cells of the line that starts with `first`, as split by two blanks or more. */
function line(out: string, first: string): string[] | undefined {
  return out
    .split('\n')
    .map((one) => one.trim().split(/ {2,}/))
    .find((cells) => cells.slice(0, first.split('|').length).join('|') === first)
}

t.test('status tells version, uptime, interfaces, fill and warnings', async (t) => {
  const { code, out, err } = await xlvs('status')
  t.same([code, err], [0, ''])
  t.match(out, /^xlvsd 0\.1\.0, up 1d 2h, since 2026-01-02T03:04:05\.000Z$/m)
  t.match(out, /^services +2 of 4,096$/m)
  t.match(out, /4 in 2,097,152 slots \(0\.0 %\): 3 established, 1 probationary/)
  t.match(out, /2 in 1,048,576 slots \(0\.0 %\): 2 established, 0 probationary/)
  t.match(out, /67\.1MB, swept in 12\.5 ms/)
  t.same(line(out, 'eth0'), ['eth0', 'generic', '02:00:00:00:00:01', 'the driver has no native XDP'])
  t.match(out, /^warning: the VIP 203\.0\.113\.10 is on no interface$/m)
})

t.test('services are one a line', async (t) => {
  const { code, out } = await xlvs('services')
  t.equal(code, 0)
  t.same(line(out, 'web'), ['web', 'tcp', '203.0.113.10:80', 'wrr', 'dr', 'up', '2/2', '3', '1', '12.5', '1.5k', '2MB'])
  t.same(line(out, 'dns')?.slice(0, 7), ['dns', 'udp', '203.0.113.10:53', 'wrr', 'dr', 'up', '0/1'])
})

t.test('a service that listens in several places shows the first', async (t) => {
  const addresses = ['203.0.113.10', '203.0.113.11']
  const listeners = addresses.flatMap((address) => ['udp', 'tcp'].map((protocol) => ({ protocol, address, port: 53 })))
  const { app } = await stage(fakeDirector([{ name: 'dns', listeners }]))
  t.teardown(() => app.close())
  const where = await listen(app, { kind: 'unix', path: `${folder}/group.sock` })
  const { out } = await xlvs('services', { XLVS_API: where })
  t.same(line(out, 'dns')?.slice(0, 3), ['dns', 'udp,tcp', '203.0.113.10:53 and 3 more'])
})

t.test('servers are one a line, of one service or of all', async (t) => {
  const all = await xlvs('servers')
  t.equal(all.out.trimEnd().split('\n').length, 4)
  t.same(line(all.out, 'dns')?.slice(0, 5), ['dns', '10.0.0.11:53', 'dr', 'draining', '0'])
  const web = await xlvs('servers web')
  t.same(line(web.out, 'web|10.0.0.11:80')?.slice(3, 5), ['up', '3'])
  t.equal(line(web.out, 'dns'), undefined)
})

t.test('stats are totals and rates, and outcomes', async (t) => {
  const { out } = await xlvs('stats web')
  t.same(line(out, 'web'), ['web', '1,234', '5.68M', '4.2GB', '4.57M', '80GB', '12.5', '1.5k', '2MB'])
  t.same(line(out, '10.0.0.12:80')?.slice(0, 2), ['10.0.0.12:80', '1,234'])
  t.same(line(out, 'not_ours'), ['not_ours', '7', '0'])
  t.equal(line(out, 'dns'), undefined)
})

t.test('connections come up to the limit, page by page, and filtered by the API', async (t) => {
  const few = await xlvs('connections --service web --client 198.51.100.7 --server 10.0.0.11:80 --limit 3')
  t.same(director.queries.pop(), { limit: 3, service: 'web', server: '10.0.0.11:80', client: '198.51.100.7' })
  t.same(line(few.out, 'tcp'), ['tcp', '198.51.100.7:40000', '203.0.113.10:80', '10.0.0.11:80', 'dr', 'ESTABLISHED', '14min 59s'])
  t.match(few.out, /the first 3 are shown/)

  director.queries.length = 0
  const many = await xlvs('connections --limit 2400')
  t.same(director.queries, [{ limit: 1000 }, { limit: 1000, cursor: '0.1000' }, { limit: 400, cursor: '0.2000' }])
  t.equal(many.out.match(/ESTABLISHED/g)?.length, 2400)

  const all = await xlvs('connections --limit 9999')
  t.equal(all.out.match(/ESTABLISHED/g)?.length, 2500)
  t.notMatch(all.out, /are shown/)
})

t.test('--json gives what the API answers, before or after the command', async (t) => {
  const json = async (line: string) => JSON.parse((await xlvs(line)).out)
  t.match(await json('status --json'), { uptimeSeconds: 93_784 })
  t.match(await json('--json services'), [{ name: 'web' }, { name: 'dns' }])
  t.match(await json('services web --json'), [{ name: 'web', status: { packets: 5_678_901 } }])
  t.match(await json('servers --json'), [{ service: 'web', address: '10.0.0.11' }, {}, { service: 'dns' }])
  t.match(await json('stats --json'), { outcomes: { not_ours: { packets: 7 } } })
  t.match(await json('connections --limit 2 --json'), { items: { length: 2 }, nextCursor: '0.2' })
})

t.test('what is not said right is told on stderr, with exit code 2', async (t) => {
  const rows: readonly (readonly [line: string, told: RegExp])[] = [
    ['bogus', /^xlvs: unknown command 'bogus'/],
    ['status --bogus', /^xlvs: unknown option '--bogus'/],
    ['status extra', /^xlvs: too many arguments/],
    ['connections --limit none', /^xlvs: option '--limit <number>' argument 'none' is invalid/],
    ['connections --limit 0', /^xlvs: option '--limit/],
    ['status --api ftp://x', /^xlvs: --api: must be unix:\/path or http:\/\/host:port, got "ftp:\/\/x"$/m],
    ['status --api', /^xlvs: option '--api <where>' argument missing/],
    ['', /^Usage: xlvs/],
  ]
  for (const [line, told] of rows) {
    const { code, out, err } = await xlvs(line)
    t.equal(code, 2, line)
    t.equal(out, '')
    t.match(err, told)
  }
})

t.test('help is for stdout, with exit code 0', async (t) => {
  const { code, out, err } = await xlvs('--help')
  t.same([code, err], [0, ''])
  for (const word of ['status', 'services', 'servers', 'connections', 'stats', '--json', '--api']) t.match(out, word)
})

t.test('what the API refuses is told field by field, with exit code 1', async (t) => {
  const refused = await xlvs('connections --client x --server y')
  t.match(refused, { code: 1, out: '', err: /^xlvs: \w+: must be / })
  t.match(await xlvs('services nope'), { code: 1, err: 'xlvs: There is no service named nope\n' })
  t.match(await xlvs('stats nope'), { code: 1, err: 'xlvs: There is no service named nope\n' })
})

t.test('where nobody listens, it says where it looked', async (t) => {
  const told = (where: string) => `xlvs: no xlvsd at ${where} (is it running? --api or XLVS_API names another)\n`
  const gone = `unix:${folder}/gone.sock`
  t.match(await xlvs(`status --api ${gone}`), { code: 1, out: '', err: told(gone) })
  t.match(await xlvs('status', { XLVS_API: gone }), { code: 1, err: told(gone) })
  t.match(await xlvs('status --api http://127.0.0.1:1'), { code: 1, err: told('http://127.0.0.1:1') })
})

t.test('over TCP the token comes from XLVS_TOKEN', async (t) => {
  const token = 'a-secret-of-some-length'
  const { app } = await stage(undefined, { tokens: parseTokens(token, 'tokens'), hosts: hostsOf('127.0.0.1') })
  t.teardown(() => app.close())
  const where = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 })
  t.match(await xlvs('status', { XLVS_API: where, XLVS_TOKEN: token }), { code: 0, err: '' })
  const refused = await xlvs('status', { XLVS_API: where })
  t.match(refused, { code: 1, out: '', err: /XLVS_TOKEN/ })
})

t.test('another server than xlvsd is noticed', async (t) => {
  const other = createServer((_, response) => response.end('<html>'))
  t.teardown(() => other.close())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const where = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  t.match(await xlvs(`status --api ${where}`), { code: 1, err: `xlvs: ${where} does not answer as xlvsd does\n` })
})
