// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { startApi } from '../../src/api/start.js'
import { fakeDirector } from './fake_director.js'
import { quiet } from './stage.js'

const folder = mkdtempSync(`${tmpdir()}/xlvs-`)
t.teardown(() => rmSync(folder, { recursive: true }))
const tokens = `${folder}/tokens`
writeFileSync(tokens, 'ops:a-secret-of-some-length\n')
chmodSync(tokens, 0o600)

const start = (settings: { listen: string; tokens?: string }) => startApi(fakeDirector(), quiet, settings)
const refused = (path: string) => ({ code: 'invalid', errors: [{ path }] })

t.test('on a unix socket whoever may open it may call', async (t) => {
  const { app, where } = await start({ listen: `unix:${folder}/api.sock`, tokens })
  t.equal(where, `unix:${folder}/api.sock`)
  t.equal((await app.inject('/v1/status')).statusCode, 200)
  await t.rejects(start({ listen: where }), refused('api.listen'))
  await app.close()
})

t.test('over TCP only bearers of tokens may, and only by our own name', async (t) => {
  const { app, where } = await start({ listen: '127.0.0.1:0', tokens })
  t.teardown(() => app.close())
  const headers = { authorization: 'Bearer a-secret-of-some-length' }
  t.equal((await fetch(`${where}/v1/status`)).status, 401)
  t.equal((await fetch(`${where}/v1/status`, { headers })).status, 200)
  t.equal((await app.inject({ url: '/v1/status', headers: { ...headers, host: 'evil.example' } })).statusCode, 403)
  await t.rejects(start({ listen: where.slice('http://'.length), tokens }), refused('api.listen'), 'a port in use')
})

t.test('what is wrong is told by the setting', async (t) => {
  await t.rejects(start({ listen: '127.0.0.1:0' }), { message: /^api\.tokens: is required/ })
  await t.rejects(start({ listen: '127.0.0.1:0', tokens: `${folder}/gone` }), refused('api.tokens'))
  chmodSync(tokens, 0o644)
  await t.rejects(start({ listen: '127.0.0.1:0', tokens }), refused('api.tokens'))
  await t.rejects(start({ listen: 'everywhere' }), refused('api.listen'))
})
