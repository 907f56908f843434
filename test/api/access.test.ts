// SPDX-License-Identifier: Apache-2.0
import { chmodSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parseTokens, readTokens } from '../../src/api/access.js'
import { hostsOf } from '../../src/api/listen.js'
import { stage } from './stage.js'

const token = 'c2VjcmV0LXNlY3JldA'
const other = 'another-secret-another-secret'
const tokens = parseTokens(`ops:${token}\n${other}\n`, 'tokens')
const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

t.test('over TCP a request needs a valid token', async (t) => {
  const { send, director } = await stage(undefined, { tokens })
  const rows: readonly (readonly [title: string, headers: Record<string, string>, status: number])[] = [
    ['none', {}, 401],
    ['the first', bearer(token), 200],
    ['the second', bearer(other), 200],
    ['in lower case', { authorization: `bearer ${token}` }, 200],
    ['a prefix', bearer(token.slice(0, -1)), 401],
    ['with more behind', bearer(`${token}x`), 401],
    ['its name', bearer(`ops:${token}`), 401],
    ['an empty one', { authorization: 'Bearer ' }, 401],
    ['another scheme', { authorization: `Basic ${token}` }, 401],
    ['none but the token', { authorization: token }, 401],
  ]
  for (const [title, headers, status] of rows) {
    const answer = await send('GET', '/v1/services', undefined, headers)
    t.equal(answer.status, status, title)
    if (status === 401) t.match(answer.headers['content-type'], /^application\/problem\+json/)
  }
  t.equal((await send('DELETE', '/v1/services/web')).status, 401)
  t.same(director.summaries, [])
})

t.test('a refusal says how to be let in', async (t) => {
  const { send } = await stage(undefined, { tokens })
  t.equal((await send('GET', '/v1/services')).headers['www-authenticate'], 'Bearer')
})

t.test('probes and the description of the API need no token; all else does', async (t) => {
  const { send } = await stage(undefined, { tokens })
  for (const url of ['/healthz', '/readyz', '/openapi.json', '/docs', '/docs/', '/docs/static/swagger-ui.css'])
    t.equal((await send('GET', url)).status, 200, url)
  for (const url of ['/metrics', '/v1/status', '/nothing', '/docs/../v1/status', '/docs/..%2fv1/status', '/healthz/x'])
    t.equal((await send('GET', url)).status, 401, url)
})

t.test('the Host header must name us, whatever the port', async (t) => {
  const { send } = await stage(undefined, { hosts: () => ['192.0.2.1', 'localhost', '2001:db8::1'] })
  const rows: readonly (readonly [host: string, status: number])[] = [
    ['192.0.2.1', 200],
    ['192.0.2.1:8080', 200],
    ['LOCALHOST:1', 200],
    ['[2001:DB8::1]:8080', 200],
    ['evil.example', 403],
    ['192.0.2.1.evil.example', 403],
    ['192.0.2.12', 403],
    ['[evil]:80', 403],
  ]
  for (const [host, status] of rows) t.equal((await send('GET', '/healthz', undefined, { host })).status, status, host)
  const refused = await send('GET', '/v1/services', undefined, { host: 'evil.example' })
  t.match(refused.json, { status: 403, errors: [{ path: 'Host' }] })
})

t.test('a listener is known by its own address; loopback also as localhost, a wildcard by all that is local', async (t) => {
  t.same(hostsOf('192.0.2.1')(), ['192.0.2.1'])
  t.same(hostsOf('127.0.0.1')(), ['localhost', '127.0.0.1'])
  t.ok(hostsOf('0.0.0.0')().includes('127.0.0.1'))
  t.ok(hostsOf('::')().includes('localhost'))
})

t.test('a file of tokens: comments, names, one a line', async (t) => {
  t.same(
    parseTokens(`# ours\n\nops:${token} # Ann\n  ${other}\r\n`, 'f').map(({ name }) => name),
    ['ops', 'line 4'],
  )
  t.throws(() => parseTokens(`${token}\nshort\n`, 'f'), { message: 'f:2: a token must have at least 16 characters' })
  t.throws(() => parseTokens('two words\n', 'f'), { message: 'f:1: must be a token or name:token' })
  t.throws(() => parseTokens(`a:b:${token}\n`, 'f'), { message: 'f:1: must be a token or name:token' })
})

t.test('a file of tokens that others can read is refused, and so is an empty one', async (t) => {
  const file = `${t.testdir()}/tokens`
  writeFileSync(file, `${token}\n`)
  chmodSync(file, 0o640)
  t.equal(readTokens(file).length, 1)
  chmodSync(file, 0o644)
  t.throws(() => readTokens(file), /must not be open to others/)
  chmodSync(file, 0o600)
  writeFileSync(file, '# none yet\n')
  t.throws(() => readTokens(file), /holds no token/)
  t.throws(() => readTokens(`${file}.gone`), /ENOENT/)
})
