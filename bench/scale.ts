// SPDX-License-Identifier: Apache-2.0
// A million connections in the table of a real xlvsd: what they cost in memory, in sweeps, and in answers about them.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Controller } from '../vagrant/controller.js'
import { type Lab, startLab } from '../vagrant/lab.js'
import { root } from '../vagrant/topology.js'
import { webService } from '../vagrant/traffic.js'
import { Line, median, milliseconds, print, quantile, spread, timed } from './timing.js'

const connections = 1_000_000
const sweeps = 8
/** At least so many, and for so long. */
const queries = 20
const leastSeconds = 3
const between = 20

interface Table {
  readonly slots: number
  readonly used: number
  readonly probationary: number
  readonly bytes: number
  readonly lastSweepMilliseconds: number
}

async function tableOf(line: Line): Promise<Table> {
  return JSON.parse(await line.call('GET', '/v1/status')).table
}

/** Opens the connections through the pinned program, and waits for a sweep that has seen them. */
async function fill(lab: Lab, line: Line): Promise<void> {
  execFileSync(`${root}build/bench/fill`, [lab.pins('director'), lab.vip, '80', String(connections)], { cwd: root })
  const end = Date.now() + 10_000
  for (;;) {
    const { used, probationary } = await tableOf(line)
    // A handful of a million find no slot at half load.
    if (used >= connections * 0.9999 && probationary === 0) return
    if (Date.now() > end) throw new Error(`of ${connections} connections ${used} are there, ${probationary} on probation`)
    await delay(100)
  }
}

/** Milliseconds of each of the next sweeps, one a second. */
async function watchSweeps(line: Line): Promise<number[]> {
  const times: number[] = []
  while (times.length < sweeps) {
    await delay(1000)
    times.push((await tableOf(line)).lastSweepMilliseconds)
  }
  return times
}

/** Does `what` again and again, so often and so long at least, while a second line asks for the status every 20 ms. */
async function beside(socket: string, what: (line: Line) => Promise<unknown>) {
  const [asking, watching] = [new Line(socket), new Line(socket)]
  const took: number[] = []
  const statuses: number[] = []
  let over = false
  const watch = (async () => {
    while (!over) {
      statuses.push(await timed(() => watching.call('GET', '/v1/status')))
      await delay(between)
    }
  })()
  const end = performance.now() + 1000 * leastSeconds
  while (took.length < queries || performance.now() < end) took.push(await timed(() => what(asking)))
  over = true
  await watch
  for (const line of [asking, watching]) line.close()
  return { took, statuses }
}

async function measureQuery(socket: string, name: string, path: string): Promise<void> {
  const { took, statuses } = await beside(socket, (line) => line.call('GET', path))
  print(`${name}, ${took.length} times`, spread(took), 'under 1 s')
  printStatuses(statuses)
}

function printStatuses(statuses: readonly number[]): void {
  const parts = [0.5, 0.99, 1].map((part) => milliseconds(quantile(statuses, part)))
  print(`  meanwhile /v1/status: median, 99 %, slowest of ${statuses.length}`, parts.join(' / '))
}

/** Memory of a process by /proc/PID/status, in MB. */
function memory(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [all, own] = ['VmRSS', 'RssAnon'].map((name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
  return `${all?.toFixed(0)} (${own?.toFixed(0)}) MB`
}

async function measure(lab: Lab, controller: Controller): Promise<void> {
  const line = new Line(controller.socket)
  const empty = memory(controller.pid)
  await fill(lab, line)
  const { slots, used, bytes } = await tableOf(line)
  print('slots for limits.connections 1,048,576', slots.toLocaleString('en'))
  print('connections, established and proven', used.toLocaleString('en'))
  print('memory of the table', `${(bytes / 1e6).toFixed(1)} MB`)
  print('a slot', `${bytes / slots} bytes`, '16')
  const times = await watchSweeps(line)
  print(`a sweep's CPU time, ${sweeps} sweeps`, spread(times), 'at most 50 ms')
  const { items } = JSON.parse(await line.call('GET', '/v1/connections?limit=1000'))
  const client = items[items.length >> 1].client.split(':')[0]
  await measureQuery(controller.socket, 'GET /v1/connections?client=…', `/v1/connections?client=${client}`)
  await measureQuery(controller.socket, 'the same for a client that is not there', '/v1/connections?client=192.0.2.99')
  await measureQuery(controller.socket, '?service=web&limit=100', '/v1/connections?service=web&limit=100')
  const { statuses } = await beside(controller.socket, () => delay(100))
  print('sweeps alone', '')
  printStatuses(statuses)
  print('memory of xlvsd, its own part in brackets: before', empty)
  print('  and now, the table mapped', memory(controller.pid))
  line.close()
  if (median(times) > 50) process.exitCode = 1
}

async function main(): Promise<void> {
  const lab = startLab()
  try {
    const controller = new Controller(lab, 'director')
    controller.configure([webService(lab)], { limits: { connections: 1048576 } })
    await controller.start()
    while ((await controller.api('GET', '/v1/services/web')).body.status.state !== 'up') await delay(50)
    await measure(lab, controller)
  } finally {
    lab.close()
  }
}

await main()
