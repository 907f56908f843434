// SPDX-License-Identifier: Apache-2.0
// What a server's entry is, by how it is forwarded to and where it is.
import t from 'tap'
import type { Address, Forwarding, Service } from '../../src/model/desired.js'
import { type Facts, unknownFacts } from '../../src/model/facts.js'
import type { ServerEntry } from '../../src/reconcile/actual.js'
import { plan } from '../../src/reconcile/plan.js'
import { desired, listeners, service } from '../model/example.js'
import { blank } from './maps.js'

const facts: Facts = {
  ...unknownFacts,
  interfaces: [{ name: 'eth0', ifindex: 3, mac: '02:00:00:00:00:03', mode: 'native' }],
  neighbours: new Map([
    ['10.0.0.11' as Address, { mac: '02:00:00:00:00:11', interface: 'eth0' }],
    ['fd00::11' as Address, { mac: '02:00:00:00:00:12', interface: 'eth0' }],
  ]),
  own: new Set(['10.0.0.1' as Address, 'fd00::1' as Address]),
}

function web(address: string, forwarding: Forwarding, weight = 1, ...more: string[]): Service {
  const all = listeners('tcp 203.0.113.10:80', ...more)
  return { ...service('web', 80), listeners: all, servers: [{ address: address as Address, port: 80, weight, forwarding }] }
}

/** `nat tcp up by 1+2`, `dr tcp local up` … */
function shown({ forwarding, protocol, local, route, eligible, removed, sources }: ServerEntry): string {
  const state = removed ? 'removed' : eligible ? 'up' : route || local ? 'draining' : 'unresolved'
  const run = sources.count > 0 ? ` by ${sources.first}+${sources.count}` : ''
  return `${forwarding} ${protocol ?? 'several'}${local ? ' local' : ''} ${state}${run}`
}

const sources = ['10.0.0.2', '10.0.0.3', 'fd00::2'] as Address[]

// the service, the director's sources, its server
const rows: Record<string, [Service, Address[], string]> = {
  'direct routing': [web('10.0.0.11', 'dr'), [], 'dr tcp up'],
  'a weight of 0': [web('10.0.0.11', 'nat', 0), [], 'nat tcp draining'],
  'one that does not answer': [web('10.0.0.12', 'tun'), [], 'tun tcp unresolved'],
  'listeners of several protocols': [web('10.0.0.11', 'nat', 1, 'udp 203.0.113.10:80'), [], 'nat several up'],
  'full NAT by the sources of its family': [web('10.0.0.11', 'fullnat'), sources, 'fullnat tcp up by 1+2'],
  'and of the other': [web('fd00::11', 'fullnat'), sources, 'fullnat tcp up by 3+1'],
  'full NAT without a source gets nothing': [web('10.0.0.11', 'fullnat'), [], 'fullnat tcp draining'],
  'the director itself': [web('10.0.0.1', 'dr'), [], 'dr tcp local up'],
  'the director itself by IPv6, quiesced': [web('fd00::1', 'dr', 0), [], 'dr tcp local draining'],
  'the director itself by any other way': [web('10.0.0.1', 'nat'), [], 'nat tcp unresolved'],
}

for (const [name, [one, own, expected]] of Object.entries(rows))
  t.test(name, async (t) => {
    const { next } = plan({ ...desired(one), sources: own }, facts, blank)
    t.equal(shown(next.servers.get(1) as ServerEntry), expected)
  })

/** What is written of servers when one plan follows another. */
function written(before: Service, after: Service, known: Facts = facts): string[] {
  const first = plan({ ...desired(before), sources }, facts, blank)
  const second = plan({ ...desired(after), sources }, known, first.next, first.basis)
  return second.writes.flatMap((one) => (one.kind === 'server' ? [`${one.entry.index} ${shown(one.entry)}`] : []))
}

t.test('another way to forward is another server', async (t) => {
  t.strictSame(written(web('10.0.0.11', 'dr'), web('10.0.0.11', 'nat')), ['2 nat tcp up', '1 dr tcp removed'])
  t.strictSame(written(web('10.0.0.11', 'nat'), web('10.0.0.11', 'fullnat')), ['2 fullnat tcp up by 1+2', '1 nat tcp removed'])
})

t.test('a service of one more protocol keeps its servers', async (t) => {
  t.strictSame(written(web('10.0.0.11', 'nat'), web('10.0.0.11', 'nat', 1, 'udp 203.0.113.10:53')), ['1 nat several up'])
})

t.test('an address becomes the director’s own, and no longer', async (t) => {
  const local: Facts = { ...facts, own: new Set(['10.0.0.11' as Address]) }
  t.strictSame(written(web('10.0.0.11', 'dr'), web('10.0.0.11', 'dr'), local), ['1 dr tcp local up'])
  t.strictSame(written(web('10.0.0.1', 'dr'), web('10.0.0.1', 'dr'), local), ['1 dr tcp unresolved'])
})

t.test('other sources are told to the servers that are reached by them', async (t) => {
  const one = web('10.0.0.11', 'fullnat')
  const first = plan({ ...desired(one), sources: sources.slice(0, 1) }, facts, blank)
  const second = plan({ ...desired(one), sources }, facts, first.next, first.basis)
  t.strictSame(
    second.writes.map(({ kind }) => kind),
    ['source', 'source', 'server'],
  )
  t.equal(shown(second.next.servers.get(1) as ServerEntry), 'fullnat tcp up by 1+2')
})
