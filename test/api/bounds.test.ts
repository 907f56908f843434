// SPDX-License-Identifier: Apache-2.0
// Bodies at and over the limit, and what is no HTTP, over a real socket.
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { listen } from '../../src/api/listen.js'
import { fakeDirector } from './fake_director.js'
import { stage } from './stage.js'

const director = fakeDirector()
const { app, send } = await stage(director)
const url = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 })
const port = Number(new URL(url).port)
t.teardown(() => app.close())

/** `count` services of `size` servers each, as PUT /v1/config takes them. */
function configuration(count: number, size: number) {
  const servers = (service: number) =>
    Array.from({ length: size }, (_, index) => ({
      address: `10.${service >> 8}.${service & 255}.${index + 1}`,
      port: 80,
      weight: 1,
    }))
  const services = Array.from({ length: count }, (_, index) => ({
    name: `service-${index}`,
    protocol: 'tcp',
    address: `203.0.${index >> 8}.${index & 255}`,
    port: 80,
    scheduler: 'wrr',
    forwarding: 'dr',
    stray: 'reset',
    servers: servers(index),
  }))
  return { services }
}

/** Posts `body` in pieces, with its length said or not, and reads whatever comes back. */
function post(body: string, said: boolean): Promise<{ status: number | undefined; type: string | undefined; text: string }> {
  const headers = { 'content-type': 'application/json', ...(said && { 'content-length': Buffer.byteLength(body) }) }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/services`, { method: 'POST', headers, agent: false }, (response) => {
      text(response).then(
        (text) => resolve({ status: response.statusCode, type: response.headers['content-type'], text }),
        reject,
      )
    })
    sent.on('error', reject)
    for (let start = 0; start < body.length; start += 65_536) sent.write(body.slice(start, start + 65_536))
    sent.end()
  })
}

t.test('a body of 10 MB is refused with 413 and changes nothing', async (t) => {
  const before = JSON.stringify(director.desired())
  const body = JSON.stringify({ name: 'x'.repeat(10_000_000) })
  for (const said of [true, false]) {
    const answer = await post(body, said)
    t.equal(answer.status, 413)
    t.match(answer.type, /^application\/problem\+json/)
    t.match(JSON.parse(answer.text), { status: 413, errors: [{ path: 'body' }] })
  }
  t.equal(JSON.stringify(director.desired()), before)
  t.equal((await send('GET', '/healthz')).status, 200)
})

t.test('large configurations fit: 1,000 services of 20 servers, and 4,095 of 16', async (t) => {
  for (const [count, size] of [
    [1000, 20],
    [4095, 16],
  ] as const) {
    const answer = await send('PUT', '/v1/config', configuration(count, size))
    t.equal(answer.status, 200, answer.text.slice(0, 200))
    t.equal(director.desired().services.length, count)
  }
})

/** Everything that comes back for these bytes. */
function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

t.test('what is no HTTP, and too large a header, get a problem too', async (t) => {
  const noise = await raw('hello?\r\n\r\n')
  t.match(noise, /^HTTP\/1\.1 400 /)
  t.match(noise, /content-type: application\/problem\+json/i)
  t.equal(JSON.parse(noise.slice(noise.indexOf('{'))).status, 400)
  const header = await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  t.match(header, /^HTTP\/1\.1 431 /)
  t.equal((await send('GET', '/healthz')).status, 200)
})

t.test('connections and waiting are bounded', async (t) => {
  const { maxConnections, requestTimeout, headersTimeout, timeout } = app.server
  for (const bound of [maxConnections, requestTimeout, headersTimeout, timeout]) t.ok(bound > 0 && bound <= 60_000)
})
