// SPDX-License-Identifier: Apache-2.0
// bin/xlvs as a process.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { listen } from '../../src/api/listen.js'
import { fakeDirector, someConnections } from '../api/fake_director.js'
import { stage } from '../api/stage.js'

const launcher = new URL('../../../../bin/xlvs', import.meta.url).pathname
const folder = mkdtempSync(`${tmpdir()}/xlvs-`)
t.teardown(() => rmSync(folder, { recursive: true }))

async function execute(command: string, words: readonly string[]) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err }
}

t.test('it runs through a symbolic link, and its exit code is the command’s', async (t) => {
  const link = `${folder}/link`
  symlinkSync(launcher, link)
  t.match(await execute(link, ['--help']), { code: 0, out: /^Usage: xlvs/ })
  t.match(await execute(link, ['status', '--api', `unix:${folder}/gone`]), { code: 1, out: '', err: /^xlvs: no xlvsd at/ })
  t.match(await execute(link, ['bogus']), { code: 2 })
})

t.test('where nothing is built, it says so', async (t) => {
  mkdirSync(`${folder}/bin`)
  copyFileSync(launcher, `${folder}/bin/xlvs`)
  t.match(await execute(`${folder}/bin/xlvs`, ['status']), { code: 1, err: `xlvs: not built yet: run make build in ${folder}\n` })
})

t.test('a reader that has enough does not upset it', async (t) => {
  const { app } = await stage(fakeDirector(undefined, someConnections(20_000)))
  t.teardown(() => app.close())
  const api = await listen(app, { kind: 'unix', path: `${folder}/api.sock` })
  const script = `"$0" connections --limit 20000 --api "$1" | head -n 1; echo "\${PIPESTATUS[0]}"`
  const { out, err } = await execute('bash', ['-c', script, launcher, api])
  t.equal(err, '')
  t.match(out, /^PROTOCOL .*\n0\n$/)
})
