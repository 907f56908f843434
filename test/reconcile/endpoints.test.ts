// SPDX-License-Identifier: Apache-2.0
// Where replies are looked for: flags by the tables that flows may be in; kept as long as a connection may name the server.
import t from 'tap'
import type { EndpointEntry, ListenerEntry, ServerEntry } from '../../src/reconcile/actual.js'
import { blank } from '../../src/reconcile/actual.js'
import { afterSweep } from '../../src/reconcile/aftermath.js'
import { endpointName, planEndpoints } from '../../src/reconcile/endpoints.js'
import { entries, placed, serverEntry } from './example.js'

const web = ['tcp 203.0.113.10:80', '1'] as const
const wide = ['tcp 203.0.113.10:80', '1*'] as const
const removed = { removed: true, eligible: false } as const

function known(...endpoints: EndpointEntry[]): Map<string, EndpointEntry> {
  return new Map(endpoints.map((entry) => [endpointName(entry), entry]))
}

const at11 = { address: serverEntry(1, '11', 'nat').address, port: 80, protocol: 'tcp' } as const

// listeners, servers, endpoints that are there; what is written
const rows: Record<string, [(readonly [string, string])[], ServerEntry[], EndpointEntry[], string[]]> = {
  'direct routing has none': [[web], [serverEntry(1, '11', 'dr')], [], []],
  'NAT, one table': [[web], [serverEntry(1, '11', 'nat')], [], ['endpoint tcp 10.0.0.11:80 4']],
  'the other table': [[wide], [serverEntry(1, '11', 'nat')], [], ['endpoint tcp 10.0.0.11:80 8']],
  'both tables': [[web, ['tcp 203.0.113.0/24:81', '1*']], [serverEntry(1, '11', 'nat')], [], ['endpoint tcp 10.0.0.11:80 12']],
  'full NAT: by a source of ours alone': [[wide], [serverEntry(1, '11', 'fullnat')], [], ['endpoint tcp 10.0.0.11:80 16']],
  'a tunnel, whatever the protocols': [
    [web, ['udp 203.0.113.10:53', '1']],
    [serverEntry(1, '11', 'tun')],
    [],
    ['endpoint ipip 10.0.0.11:0 32'],
  ],
  'of each protocol': [
    [web, ['udp 203.0.113.10:53', '1']],
    [serverEntry(1, '11', 'nat', { port: 8080 })],
    [],
    ['endpoint tcp 10.0.0.11:8080 4', 'endpoint udp 10.0.0.11:8080 4'],
  ],
  'a server of several ports: one for each single port of the listeners, one for all ranges': [
    [web, ['tcp 203.0.113.10:443', '1'], ['tcp 203.0.113.10:8000-8100', '1'], ['tcp 203.0.113.0/24:0', '1*']],
    [serverEntry(1, '11', 'nat', { port: 0 })],
    [],
    ['endpoint tcp 10.0.0.11:80 4', 'endpoint tcp 10.0.0.11:443 4', 'endpoint tcp 10.0.0.11:0 12'],
  ],
  'services that share a server share its endpoint': [
    [web, ['tcp 203.0.113.11:80', '2*']],
    [serverEntry(1, '11', 'nat'), serverEntry(2, '11', 'nat', { service: 2 }), serverEntry(3, '11', 'fullnat', { service: 2 })],
    [],
    ['endpoint tcp 10.0.0.11:80 28'],
  ],
  'a table that flows were in is looked in ever after': [
    [wide],
    [serverEntry(1, '11', 'nat')],
    [{ ...at11, flags: 4 }],
    ['endpoint tcp 10.0.0.11:80 12'],
  ],
  'nothing changes': [[web], [serverEntry(1, '11', 'nat')], [{ ...at11, flags: 12 }], []],
  'a removed server keeps what it has': [
    [web],
    [serverEntry(1, '11', 'nat', removed)],
    [
      { ...at11, flags: 4 },
      { ...at11, protocol: 'udp', flags: 4 },
    ],
    [],
  ],
  'and gets nothing new': [[web], [serverEntry(1, '11', 'nat', removed), serverEntry(2, '12', 'tun', removed)], [], []],
  'a removed one of every port keeps all': [
    [],
    [serverEntry(1, '11', 'nat', { ...removed, port: 0 })],
    [
      { ...at11, flags: 4 },
      { ...at11, port: 0, flags: 8 },
    ],
    [],
  ],
  'a removed end of a tunnel': [
    [],
    [serverEntry(1, '11', 'tun', removed)],
    [
      { ...at11, port: 0, protocol: 'ipip', flags: 32 },
      { ...at11, flags: 4 },
    ],
    ['removeEndpoint tcp 10.0.0.11:80 4'],
  ],
  'nobody is there any more': [
    [web],
    [serverEntry(1, '11', 'dr'), serverEntry(2, '11', 'nat', { port: 81 })],
    [{ ...at11, flags: 4 }],
    ['endpoint tcp 10.0.0.11:81 4', 'removeEndpoint tcp 10.0.0.11:80 4'],
  ],
}

for (const [name, [listeners, servers, there, written]] of Object.entries(rows))
  t.test(name, async (t) => {
    const before = known(...there)
    const { next, added, removed } = planEndpoints(servers, entries(...listeners).values(), before)
    t.strictSame(placed([...added, ...removed]), written)
    if (written.length === 0) t.equal(next, before)
    const again = planEndpoints(servers, entries(...listeners).values(), next)
    t.strictSame([again.next, again.added, again.removed], [next, [], []], 'and then all is in line')
  })

t.test('they go after the sweep that frees their servers', async (t) => {
  const listeners = new Map<string, ListenerEntry>(entries(web))
  const servers = new Map([
    [1, serverEntry(1, '11', 'nat', removed)],
    [2, serverEntry(2, '12', 'nat', removed)],
  ])
  const endpoints = planEndpoints([serverEntry(1, '11', 'nat'), serverEntry(2, '12', 'nat')], listeners.values(), new Map()).next
  const retired = { listeners: new Set<number>(), servers: new Set([1, 2]) }
  const { writes, next } = afterSweep({ ...blank, listeners, servers, endpoints, retired }, { ...retired, servers: new Set([1]) })
  t.strictSame(placed(writes), ['freeServer', 'removeEndpoint tcp 10.0.0.11:80 4'])
  t.strictSame([...next.endpoints.keys()], ['tcp 10.0.0.12:80'])
})
