// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { fakeDirector, someConnections } from './fake_director.js'
import { stage } from './stage.js'

t.test('connections come a page at a time', async (t) => {
  const { send, director } = await stage(fakeDirector(undefined, someConnections(5)))
  const page = (await send('GET', '/v1/connections?limit=3')).json as { items: unknown[]; nextCursor: string }
  t.equal(page.items.length, 3)
  const rest = (await send('GET', `/v1/connections?limit=3&cursor=${page.nextCursor}`)).json as { items: unknown[] }
  t.equal(rest.items.length, 2)
  t.notOk('nextCursor' in rest)
  t.same(director.queries, [{ limit: 3 }, { limit: 3, cursor: '0.3' }])
})

t.test('filters of connections reach the director in canonical form', async (t) => {
  const { send, director } = await stage()
  await send('GET', '/v1/connections')
  await send('GET', '/v1/connections?service=web&server=10.0.0.11%3A80&client=198.51.100.7')
  await send('GET', '/v1/connections?server=%5B2001%3ADB8%3A%3Ab%5D:80&client=2001:DB8:0::7')
  t.same(director.queries, [
    { limit: 100 },
    { limit: 100, service: 'web', server: '10.0.0.11:80', client: '198.51.100.7' },
    { limit: 100, server: '[2001:db8::b]:80', client: '2001:db8::7' },
  ])
})

t.test('statistics are told and reset', async (t) => {
  const { send, director } = await stage()
  t.match((await send('GET', '/v1/stats')).json, {
    outcomes: { forwarded: { packets: 5_678_901 } },
    services: [{ name: 'web', servers: [{ address: '10.0.0.11', port: 80 }, {}] }, { name: 'dns' }],
  })
  t.equal((await send('POST', '/v1/stats/reset')).status, 204)
  t.equal(director.resets, 1)
})

t.test('probes tell alive from ready', async (t) => {
  const { send, director } = await stage()
  t.equal((await send('GET', '/readyz')).status, 200)
  director.isReady = false
  t.equal((await send('GET', '/readyz')).status, 503)
  t.equal((await send('GET', '/healthz')).status, 200)
})

/** `name{labels}` → value. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

t.test('metrics are what the director counts, in base units', async (t) => {
  const { send, director } = await stage()
  const answer = await send('GET', '/metrics')
  t.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  const read = samples(answer.text)
  const expected: Record<string, number> = {
    xlvs_ready: 1,
    'xlvs_info{version="0.1.0"}': 1,
    xlvs_start_time_seconds: 1_767_323_045,
    'xlvs_interface_info{interface="eth0",mode="generic"}': 1,
    xlvs_table_slots: 2_097_152,
    xlvs_wide_table_slots: 1_048_576,
    xlvs_wide_table_established_connections: 2,
    'xlvs_service_reply_packets_total{service="web"}': 4_567_890,
    'xlvs_server_reply_bytes_total{service="dns",server="10.0.0.11:53"}': 80_000_000_000,
    xlvs_table_sweep_seconds: 0.0125,
    'xlvs_outcome_packets_total{outcome="forwarded"}': 5_678_901,
    'xlvs_outcome_packets_total{outcome="not_ours"}': 7,
    'xlvs_service_packets_total{service="web"}': 5_678_901,
    'xlvs_service_bytes_total{service="web"}': 4_200_000_000,
    'xlvs_service_connections_total{service="dns"}': 1234,
    'xlvs_service_active_connections{service="web"}': 3,
    'xlvs_server_inactive_connections{service="web",server="10.0.0.12:80"}': 1,
    'xlvs_server_bytes_total{service="dns",server="10.0.0.11:53"}': 4_200_000_000,
    'xlvs_server_up{service="dns",server="10.0.0.11:53"}': 1,
  }
  for (const [name, value] of Object.entries(expected)) t.equal(read.get(name), value, name)
  t.match(answer.text, /# TYPE xlvs_service_packets_total counter/)

  t.equal((await send('DELETE', '/v1/services/web')).status, 204)
  director.isReady = false
  const later = samples((await send('GET', '/metrics')).text)
  t.equal(later.get('xlvs_ready'), 0)
  t.equal(later.get('xlvs_service_packets_total{service="dns"}'), 5_678_901, 'a second scrape counts nothing twice')
  t.notOk(
    [...later.keys()].some((name) => name.includes('web')),
    'a removed service is no longer told',
  )
})
