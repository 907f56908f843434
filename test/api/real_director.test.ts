// SPDX-License-Identifier: Apache-2.0
// The API over the director itself, whose world is made of values.
import t from 'tap'
import { parseDesired } from '../../src/config/parse.js'
import { createDirector, type RunningDirector } from '../../src/director/director.js'
import type { JournalEntry } from '../../src/director/ports.js'
import type { Address } from '../../src/model/desired.js'
import { unknownFacts } from '../../src/model/facts.js'
import { blank, type MapWrite } from '../../src/reconcile/actual.js'
import { twoServices } from './fake_director.js'
import { pathsOf, quiet, stageOver } from './stage.js'

/** A director that has started, and what it wrote to disk and maps since. */
async function started() {
  const entries: JournalEntry[] = []
  const writes: MapWrite[] = []
  const route = { mac: '02:00:00:00:00:11', interface: 'eth0' }
  const director: RunningDirector = createDirector({
    version: '0.1.0',
    file: { desired: parseDesired({ interfaces: ['eth0'], limits: { services: 3 }, services: twoServices }), digest: 'a' },
    recorded: undefined,
    dataPlane: {
      adopt: () => blank,
      write: (more) => writes.push(...more),
      grace: async () => {},
      sweep: async () => ({
        ...{ used: 5, slots: 8, established: 4, probationary: 1, expired: 0, mended: 0, milliseconds: 1 },
        wide: { used: 0, slots: 0, established: 0, probationary: 0 },
      }),
      connections: async (_, limit, cursor = 0) => ({
        items: Array.from({ length: limit }, (_, index) => ({
          listener: 1,
          server: 1,
          client: '198.51.100.7' as Address,
          clientPort: 1024 + cursor + index,
          servicePort: 80,
          state: 'ESTABLISHED',
          probationary: false,
          expiresIn: 900,
        })),
        ...(cursor < 20 && { nextCursor: cursor + limit }),
      }),
      counters: () => ({ outcomes: new Map([['FORWARDED', 9n]]), services: new Map(), servers: new Map() }),
      load: () => ({ active: 2, inactive: 1 }),
    },
    neighbours: {
      watch: () => {},
      current: () => new Map([['10.0.0.11' as Address, route]]),
      hops: () => unknownFacts.hops,
      egress: () => unknownFacts.egress,
      own: () => unknownFacts.own,
    },
    interfaces: {
      attached: () => [{ name: 'eth0', ifindex: 2, mac: '02:00:00:00:00:01', mode: 'native' }],
      absent: (vips) => vips,
      assign: async () => {},
    },
    journal: { append: async (entry) => void entries.push(entry) },
    clock: { now: () => 0, monotonic: () => 0 },
    log: quiet,
  })
  await director.start()
  entries.length = 0
  writes.length = 0
  return { director, entries, writes }
}

t.test('status is of what is resolved', async (t) => {
  const { director } = await started()
  const { send } = await stageOver(director)
  t.match((await send('GET', '/v1/services')).json, [
    {
      name: 'web',
      status: { state: 'degraded', warnings: [/203\.0\.113\.10 is on no interface/] },
      servers: [
        {
          address: '10.0.0.11',
          weight: 3,
          status: { state: 'up', mac: '02:00:00:00:00:11', interface: 'eth0', activeConnections: 2 },
        },
        { address: '10.0.0.12', weight: 1, status: { state: 'unresolved' } },
      ],
    },
    { name: 'dns', servers: [{ weight: 0, status: { state: 'draining' } }] },
  ])
  t.match((await send('GET', '/v1/status')).json, { services: 2, servers: 3, interfaces: [{ name: 'eth0', mode: 'native' }] })
  t.match((await send('GET', '/v1/stats')).json, { outcomes: { forwarded: { packets: 9 } } })
})

t.test('an accepted change is on the disk and in the maps before it is answered', async (t) => {
  const { director, entries, writes } = await started()
  const { send } = await stageOver(director)
  t.equal((await send('PATCH', '/v1/services/web/servers/10.0.0.11:80', { weight: 0 })).status, 200)
  t.match(entries, [{ origin: 'api', summary: 'patch server 10.0.0.11:80 of web' }])
  t.ok(writes.some(({ kind }) => kind === 'turnOn'))
  t.match((await send('GET', '/v1/services/web/servers/10.0.0.11:80')).json, {
    weight: 0,
    status: { state: 'draining', weight: 0 },
  })
})

t.test('what changes nothing writes nothing', async (t) => {
  const { director, entries, writes } = await started()
  const { send } = await stageOver(director)
  const { json } = await send('GET', '/v1/config')
  t.same((await send('PUT', '/v1/config', json)).json, { dryRun: false, changes: [] })
  t.same([entries, writes], [[], []])
})

t.test('refusals of the director reach the caller, and change nothing', async (t) => {
  const { director, entries, writes } = await started()
  const { send } = await stageOver(director)
  const service = (last: number) => ({ name: `s${last}`, protocol: 'tcp', address: `203.0.113.${last}`, port: 80 })
  t.equal((await send('POST', '/v1/services', service(1))).status, 201)
  entries.length = 0
  writes.length = 0
  const before = JSON.stringify(director.desired())
  const refused = await send('POST', '/v1/services', service(2))
  t.equal(refused.status, 422, refused.text)
  t.not(pathsOf(refused).length, 0, 'and name the field')
  t.equal((await send('PUT', '/v1/config?dryRun=true', { services: [] })).status, 200)
  t.equal(JSON.stringify(director.desired()), before)
  t.same([entries, writes], [[], []])
})

t.test('connections go on from page to page by the cursor that the director gave', async (t) => {
  const { director } = await started()
  const { send } = await stageOver(director)
  let cursor = ''
  const clients: string[] = []
  do {
    const page = (await send('GET', `/v1/connections?limit=10&service=web${cursor}`)).json as {
      items: { client: string }[]
      nextCursor?: string
    }
    clients.push(...page.items.map(({ client }) => client))
    cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
  } while (cursor !== '' && clients.length < 100)
  t.equal(new Set(clients).size, 30)
  t.equal(clients.length, 30)
  t.equal((await send('GET', '/v1/connections?service=nope')).status, 404)
  t.match((await send('GET', '/v1/connections?cursor=x')).json, { status: 400, errors: [{ path: 'cursor' }] })
})
