// SPDX-License-Identifier: Apache-2.0
// The controller's own times: a large file applied, and one weight changed, seen in the pinned maps themselves.
import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Controller, type ServiceEntry } from '../vagrant/controller.js'
import { type Lab, startLab } from '../vagrant/lab.js'
import { root } from '../vagrant/topology.js'
import { requests, webService } from '../vagrant/traffic.js'
import { enter, namespaceOf } from '../vagrant/wiring.js'
import { Line, print, quantile, spread, timed } from './timing.js'

const services = 1000
const servers = 20
/** Servers' addresses, that many services share. */
const addresses = 100
const changes = 50

const addressOf = (number: number) => `10.0.0.${100 + (number % addresses)}`

/** Many services beside the lab's own; the lab's first server answers ARP for all of their servers. */
function manyServices(): ServiceEntry[] {
  return Array.from({ length: services }, (_, service) => ({
    name: `s${service}`,
    protocol: 'tcp',
    address: `203.0.113.${100 + (service % 100)}`,
    port: 1000 + Math.floor(service / 100),
    scheduler: 'wrr',
    servers: Array.from({ length: servers }, (_, server) => ({
      address: addressOf(service + server),
      port: 1000 + Math.floor(service / 100),
      weight: 1 + (server % 3),
    })),
  }))
}

/** Of the scheduler whose ring changes with every weight. */
const web = (lab: Lab) => webService(lab, [], { scheduler: 'wrr' })

function answerForAll(lab: Lab): void {
  const commands = Array.from({ length: addresses }, (_, number) => `address add ${addressOf(number)}/32 dev eth1\n`)
  const [program, words] = enter(namespaceOf(lab.name, 'server1'), 'ip', ['-batch', '-'])
  execFileSync(program, words, { input: commands.join('') })
}

/** CLOCK_MONOTONIC in milliseconds, the clock that bench/watch.c reads. */
const now = () => Number(process.hrtime.bigint()) / 1e6

interface Sight {
  readonly at: number
  /** Services that have a schedule. */
  readonly used: number
}

/** Sees in the pinned map of services when schedules are turned on, to a tenth of a millisecond. */
class Watch {
  private readonly child: ChildProcess
  private readonly seen: Sight[] = []
  private wake = () => {}

  constructor(lab: Lab) {
    this.child = lab.start('director', `${root}build/bench/watch`, [lab.pins('director')])
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [nanoseconds, used] = line.split(' ').map(Number)
      this.seen.push({ at: (nanoseconds ?? 0) / 1e6, used: used ?? 0 })
      this.wake()
    })
  }

  /** The first change after `since` that leaves as many services with a schedule as wanted. */
  async change(since: number, wanted?: number): Promise<Sight> {
    for (;;) {
      const found = this.seen.find(({ at, used }) => at > since && (wanted === undefined || used === wanted))
      if (found) return found
      const gone = delay(10_000, 'gone')
      const woken = new Promise<string>((resolve) => (this.wake = () => resolve('woken')))
      if ((await Promise.race([woken, gone])) === 'gone') throw new Error('no change in the map of services for 10 s')
    }
  }

  close(): void {
    this.child.kill()
  }
}

/** Milliseconds from the PATCH being sent to the ring in force, and to the answer. */
async function changeWeights(watch: Watch, line: Line, path: string): Promise<{ inForce: number[]; answered: number[] }> {
  const inForce: number[] = []
  const answered: number[] = []
  for (let round = 0; round < changes; round++) {
    const start = now()
    await line.call('PATCH', path, { weight: 10 + round })
    answered.push(now() - start)
    inForce.push((await watch.change(start)).at - start)
    await delay(20)
  }
  return { inForce, answered }
}

function printChange(what: string, { inForce, answered }: { inForce: number[]; answered: number[] }): void {
  print(`${what}: in force`, spread(inForce), 'under 10 ms')
  print('  nine of ten within', `${quantile(inForce, 0.9).toFixed(1)} ms`)
  print('  answered', spread(answered))
}

/** Asks about services that have all of the addresses between them, since to list everything is work too. */
async function allUp(controller: Controller): Promise<void> {
  for (let service = 0; service < addresses; service += servers) {
    while ((await controller.api('GET', `/v1/services/s${service}`)).body.status.state !== 'up') await delay(50)
  }
}

/** Milliseconds that a process has computed so far. */
function computed(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  return 10 * ((user ?? 0) + (system ?? 0))
}

/** Prints how long something took, and how much of that xlvsd computed: a busy machine makes a difference. */
async function printTime(controller: Controller, what: string, action: () => Promise<number>, target = ''): Promise<void> {
  const before = processOf(controller)
  const took = await action()
  const after = processOf(controller)
  const work = after.computed - (after.pid === before.pid ? before.computed : 0)
  print(what, `${took.toFixed(0)} ms, of CPU ${work.toFixed(0)}`, target)
}

function processOf(controller: Controller): { pid: number; computed: number } {
  try {
    return { pid: controller.pid, computed: computed(controller.pid) }
  } catch {
    return { pid: 0, computed: 0 }
  }
}

const settings = { limits: { connections: 65536, services: 4096, servers: 65535 }, vips: 'manual' }

/** From a file: at a start without maps, with maps, and at SIGHUP. */
async function apply(lab: Lab, controller: Controller): Promise<Watch> {
  const start = () => timed(() => controller.start())
  const up = () => timed(() => allUp(controller))
  print(`${services.toLocaleString('en')} services of ${servers} servers from a file`, '')
  controller.configure([web(lab), ...manyServices()], settings)
  await printTime(controller, '  xlvsd started, until ready', start, 'under 3 s')
  await printTime(controller, '  then until every server is resolved and in its ring', up)
  await controller.stop('SIGTERM')
  await printTime(controller, '  started once more, maps adopted', start, 'under 3 s')
  const watch = new Watch(lab)
  for (const [what, wanted, list] of [
    ['SIGHUP with a file of one service: in force', 1, []],
    ['SIGHUP with all of them again: in force', services + 1, manyServices()],
  ] as const) {
    controller.configure([web(lab), ...list], settings)
    const hangUp = async () => {
      const sent = now()
      process.kill(controller.pid, 'SIGHUP')
      return (await watch.change(sent, wanted)).at - sent
    }
    await printTime(controller, `  ${what}`, hangUp, 'under 3 s')
  }
  await allUp(controller)
  return watch
}

/** What the disk takes of every change: a line appended and synced, as the journal does. */
async function syncs(directory: string): Promise<number[]> {
  const file = await open(`${directory}/synced`, 'a')
  const times: number[] = []
  for (let round = 0; round < changes; round++) {
    times.push(
      await timed(async () => {
        await file.appendFile('x'.repeat(200))
        await file.datasync()
      }),
    )
  }
  await file.close()
  return times
}

async function main(): Promise<void> {
  const lab = startLab()
  try {
    answerForAll(lab)
    const controller = new Controller(lab, 'director')
    const watch = await apply(lab, controller)
    const line = new Line(controller.socket)
    const small = `/v1/services/web/servers/${lab.address('server1')}:80`
    const other = `/v1/services/s500/servers/${addressOf(500)}:1005`
    print('the disk alone: a line appended and synced', spread(await syncs(lab.directory)))
    printChange(`one weight over REST beside them, ${changes} times`, await changeWeights(watch, line, small))
    printChange(`the same in a service of ${servers} servers`, await changeWeights(watch, line, other))
    watch.close()
    await line.call('PATCH', small, { weight: 0 })
    lab.do('director', 'ip', 'address', 'replace', `${lab.vip}/32`, 'dev', 'eth1')
    const { answers } = await requests(lab, 30)
    const late = answers.filter((name) => name === 'server1').length
    print('of 30 connections after the answer to weight 0, such as it still got', String(late), '0')
    line.close()
  } finally {
    lab.close()
  }
}

await main()
