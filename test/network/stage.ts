// SPDX-License-Identifier: Apache-2.0
// What a network test stands on: a lab of its own with a running director, taken away when the test file ends.
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { Controller, type ServiceEntry } from '../../vagrant/controller.js'
import { type Lab, startLab } from '../../vagrant/lab.js'
import type { Topology } from '../../vagrant/topology.js'
import { webService } from '../../vagrant/traffic.js'

export interface Stage {
  readonly lab: Lab
  readonly controller: Controller
}

export interface StageOptions {
  readonly topology?: Topology
  readonly services?: (lab: Lab) => readonly ServiceEntry[]
  readonly settings?: Record<string, unknown>
  /** What the lab needs before the director starts. */
  readonly before?: (lab: Lab) => void
}

/** Set up once a file; `t` is the file's own test, so that the lab outlives its parts. */
export async function stage(t: Test, { topology, services, settings, before }: StageOptions = {}): Promise<Stage> {
  const lab = startLab(topology ? { topology } : {})
  t.teardown(() => lab.close())
  before?.(lab)
  const controller = new Controller(lab, 'director')
  controller.configure(services?.(lab) ?? [webService(lab)], settings)
  await controller.start()
  await until('every server is resolved', async () => (await allStates(controller)).every((state) => state !== 'unresolved'))
  return { lab, controller }
}

/** Resolves once `question` is true; asks every 50 ms, and fails by name after `seconds`. Returns how long it took, in ms. */
export async function until(what: string, question: () => Promise<boolean> | boolean, seconds = 10): Promise<number> {
  const start = Date.now()
  while (!(await question())) {
    if (Date.now() - start > seconds * 1000) throw new Error(`not within ${seconds} s: ${what}`)
    await delay(50)
  }
  return Date.now() - start
}

/** States of the servers of the first service, in order: up, draining, unresolved, …  */
export async function serverStates(controller: Controller, service = 'web'): Promise<string[]> {
  const { body } = await controller.api('GET', `/v1/services/${service}`)
  return body.servers.map((server: { status: { state: string } }) => server.status.state)
}

async function allStates(controller: Controller): Promise<string[]> {
  const { body } = await controller.api('GET', '/v1/services')
  return body.flatMap(({ servers }: { servers: { status: { state: string } }[] }) => servers.map(({ status }) => status.state))
}

/** Packets by outcome so far. The director may answer with a reading up to 100 ms old, so this waits until it is not. */
export async function outcomes(controller: Controller): Promise<Record<string, number>> {
  await delay(120)
  const { body } = await controller.api('GET', '/v1/stats')
  return Object.fromEntries(Object.entries(body.outcomes).map(([name, count]) => [name, (count as { packets: number }).packets]))
}
