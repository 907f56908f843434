// SPDX-License-Identifier: Apache-2.0
// `make demo`: a director before three web servers does its work, is changed, and survives its controller, before your eyes.
import { setTimeout as delay } from 'node:timers/promises'
import { Controller } from './controller.js'
import { offerDownload, takeDownload } from './download.js'
import { type Lab, startLab } from './lab.js'
import { countReplies, repliesBy } from './replies.js'
import { Report } from './report.js'
import { serversOf } from './topology.js'
import { requests, sequence, tally, webService } from './traffic.js'

interface Scene {
  readonly lab: Lab
  readonly controller: Controller
  readonly report: Report
}

async function start({ lab, controller, report }: Scene): Promise<void> {
  report.step('A client, a router, a director and three web servers (namespaces, real kernels, real nginx)')
  controller.configure([webService(lab)])
  const before = performance.now()
  await controller.start()
  const took = performance.now() - before
  const { body } = await controller.api('GET', '/v1/status')
  const [attached] = body.interfaces
  report.note(`xlvsd was ready after ${took.toFixed(0)} ms: XDP on ${attached.name} in ${attached.mode} mode, VIP ${lab.vip}`)
  const resolved = await waitFor(async () => (await states(controller)).every((state) => state === 'up'))
  report.quote((await controller.command('xlvs', ['servers'])).stdout)
  report.claim('every server answers ARP and is up', resolved)
}

async function spread({ lab, controller, report }: Scene): Promise<void> {
  report.step('Requests take turns')
  countReplies(lab)
  const servers = serversOf(lab.topology)
  const equal = await requests(lab, 60)
  const { name: _, ...weighted } = webService(lab, [3, 2, 1], { scheduler: 'wrr' })
  await controller.api('PATCH', '/v1/services/web', weighted)
  const unequal = await requests(lab, 60)
  const [one, two] = [tally(equal.answers), tally(unequal.answers)]
  report.table(
    ['server', 'rr', 'wrr 3:2:1'],
    servers.map((server) => [server, one.get(server) ?? 0, two.get(server) ?? 0]),
  )
  report.note(`the first twelve: rr ${sequence(equal.answers).slice(0, 12)}, wrr ${sequence(unequal.answers).slice(0, 12)}`)
  report.claim('rr gives each the same, in order', sequence(equal.answers) === '123'.repeat(20))
  report.claim("wrr gives 3:2:1, in IPVS's order", sequence(unequal.answers) === '112123'.repeat(10))
}

async function straight({ lab, controller, report }: Scene): Promise<void> {
  report.step('Answers go straight from the servers to the client')
  const replies = repliesBy(lab)
  const forwarded = await forwardedPackets(controller)
  report.table(
    ['machine', 'requests’ packets sent on', 'answers’ packets sent'],
    [...replies].map(([machine, packets]) => [machine, machine === 'director' ? forwarded : 0, packets]),
  )
  report.claim('the director sent every request on, and not one answer', forwarded > 0 && replies.get('director') === 0)
  report.claim(
    'each server answered by itself',
    serversOf(lab.topology).every((server) => (replies.get(server) ?? 0) > 0),
  )
}

async function drain({ lab, controller, report }: Scene): Promise<void> {
  report.step('A weight is set to 0 over REST while a download goes on')
  offerDownload(lab, 8 << 20)
  const seen = new Set((await connections(controller)).map(({ client }) => client))
  const download = takeDownload(lab)
  let serving = ''
  await waitFor(async () => {
    serving = (await connections(controller)).find(({ client }) => !seen.has(client))?.server ?? ''
    return serving !== ''
  })
  const before = performance.now()
  const { status, body } = await controller.api('PATCH', `/v1/services/web/servers/${serving}`, { weight: 0 })
  report.note(`PATCH /v1/services/web/servers/${serving} {"weight": 0} took ${(performance.now() - before).toFixed(1)} ms`)
  report.note(`it is ${body.status?.state}, with ${body.status?.activeConnections} active connection`)
  const { answers, failures } = await requests(lab, 30)
  const name = serversOf(lab.topology).find((server) => serving.startsWith(`${lab.address(server)}:`)) ?? ''
  const counts = tally(answers)
  report.note(`30 requests meanwhile: ${[...counts].map(([server, count]) => `${server} ${count}`).join(', ')}`)
  report.claim(`${name} gets none of them, and none is lost`, status === 200 && failures === 0 && !answers.includes(name))
  report.claim('the download ends with the right hash', await download.whole)
  await controller.api('PATCH', '/v1/services/web', { scheduler: 'rr', servers: webService(lab).servers })
}

async function survive({ lab, controller, report }: Scene): Promise<void> {
  report.step('The controller is killed with -9 during 200 requests and a download, and comes back')
  const download = takeDownload(lab)
  const going = requests(lab, 200, { perSecond: 100 })
  await delay(500)
  const old = controller.pid
  await controller.stop('SIGKILL')
  report.note(`xlvsd (process ${old}) is dead; its program, maps and links are pinned`)
  await delay(700)
  const known = performance.now()
  await controller.start()
  report.note(
    `a new one (process ${controller.pid}) adopted them ${(performance.now() - known).toFixed(0)} ms after it was started`,
  )
  const { answers, failures } = await going
  report.table(['requests', 'answered', 'lost'], [[200, answers.length, failures]])
  const turns = [...sequence(answers)].map(Number)
  report.claim('none of the 200 is lost', failures === 0)
  report.claim(
    'turns went on where they were',
    turns.slice(10).every((turn, index) => index === 0 || turn === ((turns[index + 9] ?? 0) % 3) + 1),
  )
  report.claim('the download ends with the right hash', await download.whole)
  const listed = await connections(controller)
  report.claim(`the new one knows the old one's connections (${listed.length})`, listed.length > 200)
}

async function look({ controller, report }: Scene): Promise<void> {
  report.step('The connection table')
  const { stdout } = await controller.command('xlvs', ['connections', '--limit', '6'])
  report.quote(stdout)
  const { body } = await controller.api('GET', '/v1/services/web')
  report.claim('the servers’ counters say the same as the table', (await counted(controller)) === sum(body.servers))
}

async function measure({ lab, controller, report }: Scene): Promise<void> {
  report.step('Packets a second, live')
  const load = Promise.all([1, 2].map(() => requests(lab, 4000)))
  let most = 0
  let connectionsPerSecond = 0
  let over = false
  const watch = (async () => {
    while (!over) {
      await delay(250)
      const { status } = (await controller.api('GET', '/v1/services/web')).body
      if (status.packetsPerSecond > most) {
        most = status.packetsPerSecond
        connectionsPerSecond = status.connectionsPerSecond
      }
    }
  })()
  const before = await forwardedPackets(controller)
  const start = performance.now()
  const results = await load
  const seconds = (performance.now() - start) / 1000
  over = true
  await watch
  const packets = (await forwardedPackets(controller)) - before
  const lost = results.reduce((count, { failures }) => count + failures, 0)
  report.table(
    ['requests', 'lost', 'seconds', 'packets forwarded', 'packets a second'],
    [[8000, lost, Number(seconds.toFixed(1)), packets, Math.round(packets / seconds)]],
  )
  report.note(`xlvs stats saw up to ${most.toFixed(0)} packets and ${connectionsPerSecond.toFixed(0)} new connections a second`)
  report.note('(two curls and three nginx share this machine with the director: make bench measures the director alone)')
  report.claim('8,000 requests, none lost, each on a connection of its own', lost === 0 && packets >= 8000 * 4)
  report.quote((await controller.command('xlvs', ['stats'])).stdout)
}

interface Listed {
  readonly client: string
  readonly server: string
}

async function connections(controller: Controller): Promise<Listed[]> {
  return (await controller.api('GET', '/v1/connections?service=web&limit=1000')).body.items
}

async function counted(controller: Controller): Promise<number> {
  return (await connections(controller)).length
}

function sum(servers: readonly { status: { activeConnections: number; inactiveConnections: number } }[]): number {
  return servers.reduce((count, { status }) => count + status.activeConnections + status.inactiveConnections, 0)
}

/** By the director's count, whose readings may be a tenth of a second old. */
async function forwardedPackets(controller: Controller): Promise<number> {
  await delay(120)
  return (await controller.api('GET', '/v1/services/web')).body.status.packets
}

async function states(controller: Controller): Promise<string[]> {
  const { body } = await controller.api('GET', '/v1/services/web')
  return body.servers.map((server: { status: { state: string } }) => server.status.state)
}

async function waitFor(question: () => Promise<boolean>, seconds = 5): Promise<boolean> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    if (await question()) return true
    await delay(30)
  }
  return false
}

async function demo(): Promise<boolean> {
  const began = Date.now()
  const report = new Report()
  const lab = startLab()
  try {
    const scene = { lab, controller: new Controller(lab, 'director'), report }
    for (const part of [start, spread, straight, drain, survive, look, measure]) await part(scene)
    return report.end((Date.now() - began) / 1000)
  } finally {
    lab.close()
  }
}

try {
  process.exitCode = (await demo()) ? 0 : 1
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
