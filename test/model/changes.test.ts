// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { changes } from '../../src/model/changes.js'
import { shareServices } from '../../src/model/same.js'
import { settingsThatNeedRestart } from '../../src/model/settings.js'
import { desired, listeners, server, service } from './example.js'

const web = service('web', 80, '11', '12')
const mail = service('mail', 25, '11')

/** `action path before → after` */
function shown(before: (typeof web)[], after: (typeof web)[]): string[] {
  const text = (value: unknown) => (value === undefined ? '' : JSON.stringify(value).slice(0, 60))
  return changes(before, after).map(({ action, path, before, after }) => `${action} ${path} ${text(before)} → ${text(after)}`)
}

t.test('a dry run lists what differs', async (t) => {
  t.strictSame(shown([web, mail], [web, mail]), [])
  t.match(shown([web], [web, mail]), [/^add services\/mail {2}→ \{"name":"mail"/])
  t.match(shown([web, mail], [web]), [/^remove services\/mail \{"name":"mail".* → $/])
  t.strictSame(shown([web], [{ ...web, scheduler: 'rr', stray: 'drop' }]), [
    'change services/web {"scheduler":"wrr","stray":"reset"} → {"scheduler":"rr","stray":"drop"}',
  ])
  t.strictSame(shown([web], [service('web', 80, '11', '12 x0')]), [
    'change services/web/servers/10.0.0.12:80 {"weight":1} → {"weight":0}',
  ])
  t.strictSame(shown([web], [{ ...web, servers: [{ ...server('11'), weight: 3, forwarding: 'tun' }, server('12')] }]), [
    'change services/web/servers/10.0.0.11:80 {"weight":1,"forwarding":"dr"} → {"weight":3,"forwarding":"tun"}',
  ])
  t.match(shown([web], [service('web', 80, '11', '13')]), [
    /^remove services\/web\/servers\/10.0.0.12:80 \{.* → $/,
    /^add services\/web\/servers\/10.0.0.13:80 {2}→ \{/,
  ])
})

t.test('a service that keeps its listener is renamed, not replaced', async (t) => {
  t.strictSame(shown([web, mail], [mail, { ...web, name: 'www' }]), ['change services/web {"name":"web"} → {"name":"www"}'])
})

t.test('a service that moves keeps its name, and shows where it listens as a user writes it', async (t) => {
  t.strictSame(shown([web], [{ ...web, listeners: listeners('udp 203.0.113.10:80') }]), [
    'change services/web {"protocol":"tcp"} → {"protocol":"udp"}',
  ])
  const [change] = changes([web], [{ ...web, listeners: listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.0/24:8000-8100') }])
  t.strictSame(change, {
    action: 'change',
    path: 'services/web',
    before: { protocol: 'tcp', address: '203.0.113.10', port: 80 },
    after: {
      listeners: [
        { protocol: 'tcp', address: '203.0.113.10', port: 80 },
        { protocol: 'tcp', address: '203.0.113.0/24', port: '8000-8100' },
      ],
    },
  })
  t.strictSame(changes([web], [{ ...web, listeners: listeners('tcp 203.0.113.10:80') }]), [], 'other objects that say the same')
})

t.test('one listener of a service is enough to follow it to another name, once', async (t) => {
  const both = { ...web, listeners: listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.10:443') }
  const http = { ...web, name: 'http' }
  const https = { ...web, name: 'https', listeners: listeners('tcp 203.0.113.10:443') }
  t.match(shown([both], [http, https]), [/^change services\/web /, /^add services\/https /])
})

t.test('names may be swapped', async (t) => {
  const swapped = shown(
    [web, mail],
    [
      { ...web, name: 'mail' },
      { ...mail, name: 'web' },
    ],
  )
  t.equal(swapped.filter((line) => line.startsWith('change services/')).length, 2)
})

t.test('order is a difference, for turns follow it', async (t) => {
  t.strictSame(shown([web], [service('web', 80, '12', '11')]), [
    'change services/web/servers ["10.0.0.11:80","10.0.0.12:80"] → ["10.0.0.12:80","10.0.0.11:80"]',
  ])
  t.equal(shown([web], [service('web', 80, '13', '11', '12')]).length, 1, 'a newcomer in front changes no order')
})

t.test('what did not change keeps its object', async (t) => {
  const before = [web, mail]
  t.equal(shareServices(before, before), before)
  t.equal(shareServices(before, [mail])[0], mail)
  const shared = shareServices(before, [
    { ...web, servers: web.servers.map((one) => ({ ...one })) },
    { ...mail, stray: 'drop' },
  ])
  t.equal(shared[0], web)
  t.not(shared[1], mail)
  const fewer = service('web', 80, '11')
  const other = { ...web, servers: [server('11'), server('13')] }
  const heavier = { ...web, servers: [server('11'), server('12 x2')] }
  const moved = { ...web, servers: web.servers.map((one) => ({ ...one, port: 81 })) }
  const tunnelled = { ...web, servers: web.servers.map((one) => ({ ...one, forwarding: 'tun' as const })) }
  for (const changed of [fewer, other, heavier, moved, tunnelled]) t.equal(shareServices(before, [changed])[0], changed)
  const elsewhere = { ...web, listeners: listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.10:81') }
  t.equal(shareServices(before, [elsewhere])[0], elsewhere)
  t.equal(shareServices([elsewhere], [{ ...elsewhere, listeners: [...elsewhere.listeners] }])[0], elsewhere)
  const added = service('new', 8080)
  t.equal(shareServices(before, [added])[0], added)
})

t.test('settings that take a restart are named, sources and timeouts are not', async (t) => {
  const before = desired()
  t.strictSame(
    settingsThatNeedRestart(before, { ...before, sources: [server('1').address], timeouts: { tcp: 1, tcpFin: 1, udp: 1 } }),
    [],
  )
  t.strictSame(settingsThatNeedRestart(before, { ...before, vips: 'assign', api: { listen: 'unix:/other' } }), ['vips', 'api'])
})
