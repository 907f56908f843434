// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { listen, parseListen } from '../../src/api/listen.js'
import { stage } from './stage.js'

/** A short path, as a socket's must be. */
function folder(t: Test): string {
  const path = mkdtempSync(`${tmpdir()}/xlvs-`)
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

async function app(t: Test) {
  const { app } = await stage()
  t.teardown(() => app.close())
  return app
}

/** The status that a GET over a unix socket comes back with. */
function status(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: '/healthz', agent: false }, (response) => {
      text(response).then(() => resolve(response.statusCode), reject)
    }).on('error', reject)
  })
}

t.test('what `listen` may say', async (t) => {
  t.same(parseListen('unix:/run/x'), { kind: 'unix', path: '/run/x' })
  t.same(parseListen('192.0.2.1:80'), { kind: 'tcp', host: '192.0.2.1', port: 80 })
  t.same(parseListen('[::1]:8080'), { kind: 'tcp', host: '::1', port: 8080 })
  for (const text of ['', 'unix:', 'unix:run', '80', '192.0.2.1', '192.0.2.1:65536', '::1:80', '192.0.2.1:80/x'])
    t.throws(() => parseListen(text), { message: 'must be unix:/path or address:port' }, text)
})

t.test('the socket is for its owner and group alone, in a folder that is made, whatever the umask', async (t) => {
  const before = process.umask()
  t.teardown(() => process.umask(before))
  for (const umask of [0, 0o077]) {
    const path = `${folder(t)}/run/xlvs/api.sock`
    process.umask(umask)
    const api = await app(t)
    t.equal(await listen(api, { kind: 'unix', path }), `unix:${path}`)
    t.equal(statSync(path).mode & 0o777, 0o660)
    t.equal(statSync(dirname(path)).mode & 0o777, 0o755)
    t.equal(process.umask(), umask)
    t.equal(await status(path), 200)
    await api.close()
    t.notOk(existsSync(path), 'it goes when the API closes')
  }
})

t.test('the socket of a dead process is replaced, that of a living one is not', async (t) => {
  const path = `${folder(t)}/api.sock`
  const die = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', die])
  t.ok(statSync(path).isSocket(), 'a dead process left it')
  await listen(await app(t), { kind: 'unix', path })
  t.equal(await status(path), 200)
  await t.rejects(listen(await app(t), { kind: 'unix', path }), { message: `${path}: another process listens there` })
  t.equal(await status(path), 200, 'and the living one goes on')
})

t.test('what is no socket is left alone', async (t) => {
  const path = `${folder(t)}/file`
  writeFileSync(path, 'precious')
  await t.rejects(listen(await app(t), { kind: 'unix', path }), { message: `${path} exists and is no socket` })
  t.ok(statSync(path).isFile())
})

t.test('over TCP it says at which port', async (t) => {
  const where = await listen(await app(t), { kind: 'tcp', host: '127.0.0.1', port: 0 })
  t.match(where, /^http:\/\/127\.0\.0\.1:[1-9]\d+$/)
  t.equal((await fetch(`${where}/healthz`)).status, 200)
})
