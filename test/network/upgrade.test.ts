// SPDX-License-Identifier: Apache-2.0
// The controller dies, or makes way for another: connections of every way to forward and both families go on.
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { offerDownload, takeDownload } from '../../vagrant/download.js'
import { askDatagrams, requests } from '../../vagrant/traffic.js'
import { holeAt, type Way, ways } from './matrix.js'
import { DATAGRAMS, serverOf, vipOf } from './matrix_scene.js'
import { matrixStage } from './matrix_tests.js'

const { lab, controller } = await matrixStage()
offerDownload(lab, 28 << 20) // seven seconds, at nginx's leisure

const places = ways
  .map((way) => ({ ...way, stand: way.forwarding === 'fullnat' ? ('remote' as const) : ('two-arm' as const) }))
  .filter((place) => !holeAt({ ...place, protocol: 'tcp', kind: 'plain' }))

const nameOf = ({ forwarding, vip, server }: Way) => `${forwarding}, ${vip === server ? vip : `${vip} to ${server}`}`

for (const signal of ['SIGKILL', 'SIGUSR2'] as const) {
  t.test(`${signal} and a new controller lose nothing of any way to forward`, async (t) => {
    const going = places.map((place) => {
      const vip = vipOf(place)
      const download = takeDownload(lab, { vip })
      const datagrams = askDatagrams(lab, { vip, port: DATAGRAMS, count: 90, flows: 3, perSecond: 10 })
      return { place, download, datagrams }
    })
    await delay(1500)
    await controller.stop(signal)
    const meanwhile = await Promise.all(places.map((place) => requests(lab, 5, { vip: vipOf(place) })))
    for (const [index, { answers }] of meanwhile.entries())
      t.strictSame(
        [...new Set(answers)],
        [serverOf(places[index] as (typeof places)[number])],
        'new clients are served meanwhile',
      )
    await controller.start()
    for (const { place, download, datagrams } of going) {
      t.ok(await download.whole, `a download: ${nameOf(place)}`)
      const lost = (await datagrams).filter((name) => name !== serverOf(place))
      t.equal(lost.length, 0, `flows of datagrams: ${nameOf(place)}`)
    }
  })
}

t.test('the connections are all known afterwards, each with its way', async (t) => {
  const { body } = await controller.api('GET', '/v1/connections?limit=1000')
  for (const place of places) {
    const vip = vipOf(place)
    const mine = body.items.filter((item: { virtual: string }) => item.virtual.replace(/^\[|\]?:\d+$/g, '') === vip)
    t.ok(mine.length >= 2 * (1 + 3 + 5), `${nameOf(place)}: ${mine.length}`)
    t.ok(mine.every(({ forwarding }: { forwarding: string }) => forwarding === place.forwarding))
  }
})
