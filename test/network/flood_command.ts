// SPDX-License-Identifier: Apache-2.0
// `make flood`: three floods at a director with the default table, and three at one that each flood turns over many times.
import { Controller } from '../../vagrant/controller.js'
import { startLab } from '../../vagrant/lab.js'
import { Report } from '../../vagrant/report.js'
import { webService } from '../../vagrant/traffic.js'
import { type Census, type Kind, kinds } from './flood.js'
import { accountOf, claimsOf } from './flood_account.js'
import { type Flooded, flood, type Scene, transfers } from './flood_scene.js'
import { serverStates, until } from './stage.js'

const seconds = Number(process.argv[2] ?? 10)
/** Tables, and which part of the new connections must get through. */
const tables = [
  { connections: 1048576, share: 0.98 },
  { connections: 65536, share: 0.9 },
]
const distances = [1, 20, 50, 100, 200]

const whole = (number: number) => number.toLocaleString('en')
const percent = (part: number, all: number) => `${((100 * part) / all).toFixed(1)} %`

function at(sorted: readonly number[], part: number): string {
  return `${(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1)} ms`
}

function explain(report: Report, flooded: Flooded): void {
  const { kind, sent, counted, knocks, handshakes } = flooded
  const account = accountOf(flooded)
  const rate = (sent.sent / sent.seconds / 1e6).toFixed(2)
  report.note(`${whole(sent.sent)} ${kinds[kind]} in ${sent.seconds.toFixed(1)} s: ${rate} million packets a second`)
  report.table(
    ['outcome', 'packets'],
    Object.entries(counted.outcomes).map(([name, packets]) => [name, whole(packets)]),
  )
  report.note(
    `${whole(account.counted)} in all = ${whole(account.flood)} of the flood + ${whole(counted.fromClient)} of the real clients` +
      ` + ${whole(account.counted - account.flood - counted.fromClient)} ARP${handshakes.length > 0 ? ' and trial handshakes' : ''}`,
  )
  report.note(
    `the director's ring was full for ${percent(sent.sent - account.flood, sent.sent)} of the flood;` +
      ` ${whole(sent.dropped)} of it came out at the servers, ${whole(sent.answered)} as RST where it came from`,
  )
  report.note(`${whole(counted.entries)} entries were made, ${whole(account.gone)} entries made room or were over`)
  showTable(report, flooded.during, 'before its end')
  showTable(report, flooded.after, 'at rest afterwards')
  report.note(
    `new connections: ${knocks.answered} answered; connected after ${at(knocks.connected, 0.5)} (median), ` +
      `${at(knocks.connected, 0.99)} (99 %), ${at(knocks.connected, 1)} (most); answered after ${at(knocks.took, 0.5)}, ` +
      `${at(knocks.took, 0.99)}, ${at(knocks.took, 1)}`,
  )
  for (const [reason, count] of Object.entries(knocks.refused)) report.note(`  refused ${count} times: ${reason}`)
  const still = handshakes.map((each) => `${each.milliseconds} ms: ${percent(each.known, each.clients)}`)
  report.note(`trial handshakes whose entry was still there after a round trip of ${still.join(', ')}`)
}

function showTable(report: Report, { slots, used, states }: Census, when: string): void {
  const shown = Object.entries(states).map(([state, { proven, probation }]) => {
    const unproven = probation > 0 ? `${whole(probation)} on probation` : ''
    return `${state} ${[proven > 0 ? whole(proven) : '', unproven].filter(Boolean).join(' and ')}`
  })
  report.note(`table ${when}: ${whole(used)} of ${whole(slots)} slots (${percent(used, slots)}): ${shown.join(', ')}`)
}

async function run(report: Report, scene: Scene, { connections, share }: (typeof tables)[number]): Promise<void> {
  for (const kind of Object.keys(kinds) as Kind[]) {
    report.step(`${seconds} s of ${kinds[kind]} beside ${transfers} transfers, limits.connections ${whole(connections)}`)
    const flooded = await flood(scene, { kind, seconds, distances })
    explain(report, flooded)
    for (const { what, held } of claimsOf(flooded, share)) report.claim(what, held)
  }
}

async function main(): Promise<boolean> {
  const began = Date.now()
  const report = new Report()
  for (const table of tables) {
    const lab = startLab()
    try {
      const controller = new Controller(lab, 'director')
      controller.configure([webService(lab)], { limits: { connections: table.connections } })
      await controller.start()
      await until('every server is resolved', async () => !(await serverStates(controller)).includes('unresolved'))
      await run(report, { lab, controller }, table)
    } finally {
      lab.close()
    }
  }
  return report.end((Date.now() - began) / 1000)
}

process.exitCode = (await main()) ? 0 : 1
