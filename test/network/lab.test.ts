// SPDX-License-Identifier: Apache-2.0
// A lab leaves nothing behind, however its maker ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import t from 'tap'
import { labs } from '../../vagrant/lease.js'
import { root } from '../../vagrant/topology.js'
import { until } from './stage.js'

const maker = `
  const { startLab } = await import('${root}build/js/vagrant/lab.js')
  const { Controller } = await import('${root}build/js/vagrant/controller.js')
  const { webService } = await import('${root}build/js/vagrant/traffic.js')
  const lab = startLab()
  const controller = new Controller(lab, 'director')
  controller.configure([webService(lab)])
  await controller.start()
  console.log(lab.name)
  setInterval(() => {}, 1000)
`

const traces = (lab: string) =>
  ['/run/netns', '/sys/fs/bpf', labs].flatMap((place) =>
    existsSync(place)
      ? readdirSync(place).filter((entry) => entry === lab || entry.startsWith(`${lab}-`) || entry.startsWith(`${lab}.`))
      : [],
  )

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  t.test(`${signal} to its maker`, async (t) => {
    const process = spawn(globalThis.process.execPath, ['--input-type=module', '-e', maker], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(process.stdout, 'data')
    const lab = String(line).trim()
    t.ok(traces(lab).length > 8, 'it was there')
    process.kill(signal)
    await once(process, 'exit')
    await until('every trace is gone', () => traces(lab).length === 0, 10)
  })
}
