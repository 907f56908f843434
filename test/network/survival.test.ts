// SPDX-License-Identifier: Apache-2.0
// The controller dies, stops and comes back; traffic does not notice.
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { offerDownload, takeDownload } from '../../vagrant/download.js'
import { askDatagrams, echoService, requests, sequence, serveDatagrams, webService } from '../../vagrant/traffic.js'
import { stage, until } from './stage.js'

const { lab, controller } = await stage(t, {
  services: (lab) => [webService(lab), echoService(lab, 9000)],
})
await serveDatagrams(lab, 9000)
offerDownload(lab, 16 << 20)

const connections = async () => (await controller.api('GET', '/v1/connections?service=web&limit=1000')).body.items

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`${signal} and a restart lose no packet, no connection and no turn`, async (t) => {
    const before = (await connections()).length
    const download = takeDownload(lab)
    await until('the download has taken its turn', async () => (await connections()).length === before + 1)
    const datagrams = askDatagrams(lab, { port: 9000, count: 1500, flows: 50, perSecond: 500 })
    const web = requests(lab, 150, { perSecond: 50 })
    await delay(500)
    const code = await controller.stop(signal)
    t.equal(code, signal === 'SIGTERM' ? 0 : null)
    await delay(700)
    await controller.start()
    const { answers, failures } = await web
    t.equal(failures, 0, 'no request is lost')
    t.equal((await datagrams).filter((name) => name === '-').length, 0, 'no datagram is lost')
    t.ok(await download.whole, 'a download is whole')
    const turns = sequence(answers)
    t.ok(
      [...turns].every((turn, index) => index === 0 || Number(turns[index - 1]) % 3 === Number(turn) - 1),
      'no turn is skipped or repeated',
    )
  })
}

t.test('while it is away, every connection and every new one is served', async (t) => {
  await controller.stop('SIGKILL')
  const { failures } = await requests(lab, 50)
  t.equal(failures, 0)
  await controller.start()
  const known = await connections()
  t.ok(known.length >= 50, `those made meanwhile are known afterwards (${known.length})`)
})

t.test('an accepted change outlives kill -9', async (t) => {
  const target = `${lab.address('server2')}:80`
  t.equal((await controller.api('PATCH', `/v1/services/web/servers/${target}`, { weight: 0 })).status, 200)
  await controller.stop('SIGKILL')
  t.match(sequence((await requests(lab, 4)).answers), /^(13){2}|^(31){2}/, 'in the maps')
  await controller.start()
  t.equal((await controller.api('GET', `/v1/services/web/servers/${target}`)).body.weight, 0, 'in the state')
  t.equal((await controller.api('PATCH', `/v1/services/web/servers/${target}`, { weight: 1 })).status, 200)
})

t.test('SIGHUP takes a changed file, and the file wins', async (t) => {
  await controller.api('PATCH', `/v1/services/web/servers/${lab.address('server2')}:80`, { weight: 0 })
  controller.configure([webService(lab, [2, 1, 1], { scheduler: 'wrr' })])
  process.kill(controller.pid, 'SIGHUP')
  await until('the file is in force', async () => (await controller.api('GET', '/v1/config')).body.services.length === 1)
  t.equal(sequence((await requests(lab, 8)).answers), '11231123')
  t.match(controller.log(), /weight|server2|10\.0\.0\.12/, 'the log names the change that this undoes')
})

t.test('detach takes everything away, without a controller too', async (t) => {
  const loaded = pinnedObjects()
  t.ok(loaded.length > 5, 'there is something to take away')
  t.match(lab.do('director', 'ip', 'link', 'show', 'eth1'), /xdp/)
  await controller.stop('SIGKILL')
  const { code, stderr } = await controller.detach()
  t.equal(code, 0, stderr)
  t.notOk(existsSync(lab.pins('director')), 'pins')
  t.notMatch(lab.do('director', 'ip', 'link', 'show', 'eth1'), /xdp/, 'program')
  t.notMatch(lab.do('director', 'ip', 'address', 'show'), new RegExp(lab.vip), 'VIPs')
  await until('maps and programs are gone', () => loaded.every(([kind, id]) => !exists(kind, id)), 5)
  const again = await controller.detach()
  t.equal(again.code, 0, 'and once more, with nothing there')
})

type Loaded = [kind: 'prog' | 'map', id: number]

/** What is pinned of the director's, by kernel id. */
function pinnedObjects(): Loaded[] {
  return (['prog', 'map'] as const).flatMap((kind) => {
    const all = JSON.parse(lab.do('director', 'bpftool', '-j', '-f', kind, 'show')) as { id: number; pinned?: string[] }[]
    return all
      .filter(({ pinned }) => pinned?.some((path) => path.startsWith(lab.pins('director'))))
      .map(({ id }): Loaded => [kind, id])
  })
}

function exists(kind: string, id: number): boolean {
  try {
    lab.do('director', 'bpftool', kind, 'show', 'id', String(id))
    return true
  } catch {
    return false
  }
}
