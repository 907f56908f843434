// SPDX-License-Identifier: Apache-2.0
// Whatever is sent, an answer is a success or a problem; a refused request changes nothing, and an accepted state is valid.
import fc from 'fast-check'
import t from 'tap'
import type { Problem } from '../../src/api/errors.js'
import { formatConfig } from '../../src/config/format.js'
import { parseDesired } from '../../src/config/parse.js'
import { stage } from './stage.js'

/** Often right, often nearly right, now and then nonsense. */
const oneOf = (...values: readonly unknown[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, fc.jsonValue({ maxDepth: 1 }))

const server = fc.record(
  {
    address: oneOf('10.0.0.1', '10.0.0.2', '10.0.0.256', '2001:db8::b'),
    port: oneOf(80, 53, 0),
    weight: oneOf(0, 1, 9, -1),
    forwarding: oneOf('dr', 'dr', 'dr', 'nat'),
  },
  { requiredKeys: ['address'] },
)
const service = fc.record(
  {
    name: oneOf('web', 'dns', 'mail', 'UPPER'),
    protocol: oneOf('tcp', 'udp', 'sctp'),
    address: oneOf('203.0.113.10', '203.0.113.11', '::1'),
    port: oneOf(80, 53, 70_000),
    scheduler: oneOf('rr', 'wrr', 'wlc'),
    stray: oneOf('drop', 'hash', null),
    servers: fc.oneof({ weight: 6, arbitrary: fc.array(server, { maxLength: 3 }) }, fc.jsonValue({ maxDepth: 1 })),
  },
  { requiredKeys: ['protocol', 'address', 'port'] },
)
const listener = fc.record(
  {
    protocol: oneOf('tcp', 'udp'),
    address: oneOf('203.0.113.10', '203.0.113.12', '203.0.113.0/24'),
    port: oneOf(80, 53, 443, '1-9'),
  },
  { requiredKeys: ['address', 'port'] },
)
const group = fc.record(
  {
    protocol: oneOf('tcp', 'udp'),
    listeners: fc.oneof({ weight: 6, arbitrary: fc.array(listener, { maxLength: 3 }) }, fc.jsonValue({ maxDepth: 1 })),
    servers: fc.array(fc.record({ address: fc.constantFrom('10.0.0.1', '10.0.0.2') }), { maxLength: 2 }),
  },
  { requiredKeys: ['listeners'] },
)
const config = fc.record(
  { services: fc.array(service, { maxLength: 3 }), stateDir: oneOf('/var/lib/xlvs', '/tmp') },
  { requiredKeys: ['services'] },
)
const one = fc.constantFrom('/v1/services/web', '/v1/services/dns', '/v1/services/nope')
const itsServer = fc.constantFrom(
  '/v1/services/web/servers/10.0.0.1:80',
  '/v1/services/dns/servers/10.0.0.11:53',
  '/v1/services/web/servers/x',
)

const request = fc.oneof(
  fc.tuple(fc.constant('POST'), fc.constant('/v1/services'), fc.oneof(service, group)),
  fc.tuple(fc.constantFrom('PUT', 'PATCH', 'DELETE'), one, fc.oneof(service, group)),
  fc.tuple(fc.constant('POST'), fc.constant('/v1/services/web/servers'), server),
  fc.tuple(fc.constantFrom('PUT', 'PATCH', 'DELETE'), itsServer, server),
  fc.tuple(fc.constant('PUT'), fc.constantFrom('/v1/config', '/v1/config?dryRun=true'), config),
)

t.test('any sequence of requests', async (t) => {
  const seen = { refused: 0, accepted: 0 }
  const property = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
    const { send, director, app } = await stage()
    for (const [method, url, body] of requests) {
      const before = JSON.stringify(director.desired())
      const journalled = director.summaries.length
      const answer = await send(method, url, body)
      if (answer.status < 300) {
        seen.accepted += 1
        parseDesired(formatConfig(director.desired()))
        continue
      }
      seen.refused += 1
      const { status, title, errors } = answer.json as Problem
      if (answer.status >= 500 || status !== answer.status || !title) throw new Error(`answered ${answer.text}`)
      if (status === 400 && errors.length === 0) throw new Error(`names no field: ${answer.text}`)
      if (JSON.stringify(director.desired()) !== before) throw new Error('a refused request changed the state')
      if (director.summaries.length !== journalled) throw new Error('a refused request was journalled')
    }
    await app.close()
  })
  await t.resolves(fc.assert(property, { numRuns: 60 }))
  t.ok(seen.refused > 20 && seen.accepted > 20, `both kinds were seen: ${JSON.stringify(seen)}`)
})
