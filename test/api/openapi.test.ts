// SPDX-License-Identifier: Apache-2.0
// Every answer is held to what /openapi.json says of it.
import t from 'tap'
import Schema from 'typebox/schema'
import { type Answer, stage } from './stage.js'

interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content: Record<string, { schema: object }> }
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}
interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

const { send } = await stage()
const document = (await send('GET', '/openapi.json')).json as OpenApi

const service = { name: 'mail', protocol: 'tcp', address: '203.0.113.11', port: 25, servers: [{ address: '10.0.0.21' }] }

const group = {
  name: 'group',
  protocol: 'udp',
  listeners: [
    { address: '203.0.113.12', port: 1 },
    { protocol: 'tcp', address: '203.0.113.12', port: 2 },
  ],
  servers: [{ address: '10.0.0.21' }],
}

type Row = readonly [method: string, path: string, url: string, status: number, body?: unknown]

/** One of each operation and kind of answer; in turn, for they change things. */
const rows: readonly Row[] = [
  ['get', '/v1/services', '/v1/services', 200],
  ['post', '/v1/services', '/v1/services', 201, service],
  ['post', '/v1/services', '/v1/services', 409, service],
  ['post', '/v1/services', '/v1/services', 201, group],
  ['get', '/v1/services/{name}', '/v1/services/group', 200],
  ['get', '/v1/services/{name}', '/v1/services/web', 200],
  ['get', '/v1/services/{name}', '/v1/services/nope', 404],
  ['put', '/v1/services/{name}', '/v1/services/mail', 200, service],
  ['put', '/v1/services/{name}', '/v1/services/post', 201, { ...service, name: 'post', port: 26 }],
  ['patch', '/v1/services/{name}', '/v1/services/mail', 200, { stray: 'hash' }],
  ['patch', '/v1/services/{name}', '/v1/services/mail', 400, { stray: 1 }],
  ['delete', '/v1/services/{name}', '/v1/services/post', 204],
  ['get', '/v1/services/{name}/servers', '/v1/services/web/servers', 200],
  ['post', '/v1/services/{name}/servers', '/v1/services/web/servers', 201, { address: '10.0.0.31' }],
  ['get', '/v1/services/{name}/servers/{server}', '/v1/services/web/servers/10.0.0.31:80', 200],
  ['put', '/v1/services/{name}/servers/{server}', '/v1/services/web/servers/10.0.0.31:80', 200, { weight: 2 }],
  ['put', '/v1/services/{name}/servers/{server}', '/v1/services/web/servers/10.0.0.32:80', 201, {}],
  ['patch', '/v1/services/{name}/servers/{server}', '/v1/services/web/servers/10.0.0.31:80', 200, { weight: 3 }],
  ['delete', '/v1/services/{name}/servers/{server}', '/v1/services/web/servers/10.0.0.31:80', 204],
  ['get', '/v1/connections', '/v1/connections?limit=2', 200],
  ['get', '/v1/connections', '/v1/connections?limit=x', 400],
  ['get', '/v1/stats', '/v1/stats', 200],
  ['post', '/v1/stats/reset', '/v1/stats/reset', 204],
  ['put', '/v1/config', '/v1/config', 200, { services: [service, group] }],
  ['get', '/v1/config', '/v1/config', 200],
  ['put', '/v1/config', '/v1/config?dryRun=true', 200, { services: [service] }],
  ['put', '/v1/config', '/v1/config', 200, { services: [service] }],
  ['get', '/v1/status', '/v1/status', 200],
  ['get', '/healthz', '/healthz', 200],
  ['get', '/readyz', '/readyz', 200],
  ['get', '/metrics', '/metrics', 200],
]

for (const [method, path, url, status, body] of rows) {
  t.test(`${method} ${url} answers ${status} as described`, async (t) => {
    const answer = await send(method.toUpperCase(), url, body)
    t.equal(answer.status, status, answer.text)
    const operation = document.paths[path]?.[method]
    const described = operation?.responses[status] ?? operation?.responses[`${String(status)[0]}XX`]
    t.ok(described, `an answer ${status} is described`)
    if (status === 204) t.equal(answer.text, '')
    else t.same(mistakes(answerSchema(described, answer), answer.json ?? answer.text), [])
    if (body && status < 300) t.same(mistakes(bodySchema(operation), body), [])
  })
}

t.test('the table above has every operation, and each is described', async (t) => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  t.same(described.sort(), [...new Set(rows.map(([method, path]) => `${method} ${path}`))].sort())
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    t.ok(operation.summary && operation.tags?.length === 1)
    t.ok(operation.responses['4XX'] && operation.responses['5XX'])
  }
  t.equal(document.openapi, '3.1.0')
})

t.test('a schema refuses what it does not know', async (t) => {
  const schema = document.paths['/healthz']?.get?.responses[200]?.content?.['application/json']?.schema ?? {}
  t.not(mistakes(schema, { status: 'ok', colour: 'red' }).length, 0)
})

t.test('/docs is served from here alone', async (t) => {
  const page = await send('GET', '/docs/')
  t.equal(page.status, 200)
  t.notMatch(page.text, /https?:\/\//)
  t.match(page.headers['content-security-policy'], /default-src 'self'/)
  for (const [, file] of page.text.matchAll(/(?:src|href)="\.\/(static\/[^"]+)"/g))
    t.equal((await send('GET', `/docs/${file}`)).status, 200, String(file))
  t.match((await send('GET', '/docs/static/swagger-initializer.js')).text, /validatorUrl: null/)
  t.same((await send('GET', '/docs/json')).json, document)
})

function mistakes(schema: object, value: unknown): unknown[] {
  const [good, errors] = Schema.Compile(schema).Errors(value)
  return good ? [] : errors
}

/** The schema of an answer by its media type; without one, no answer will do. */
function answerSchema(described: Operation['responses'][string] | undefined, answer: Answer): object {
  const type = String(answer.headers['content-type']).replace(/;.*/, '')
  return described?.content?.[type]?.schema ?? { not: {} }
}

function bodySchema(operation: Operation | undefined): object {
  const [content] = Object.values(operation?.requestBody?.content ?? {})
  return content?.schema ?? { not: {} }
}
