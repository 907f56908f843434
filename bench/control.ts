// SPDX-License-Identifier: Apache-2.0
// The controller's own times: a large file applied, and one weight changed. Prints figures and judges nothing.
import { Controller, type ServiceEntry } from '../vagrant/controller.js'
import { startLab } from '../vagrant/lab.js'
import { requests, webService } from '../vagrant/traffic.js'

const SERVICES = 1000
const SERVERS = 20

/** Many services beside the lab's own; their servers are addresses that nobody has. */
function manyServices(): ServiceEntry[] {
  return Array.from({ length: SERVICES }, (_, service) => ({
    name: `s${service}`,
    protocol: 'tcp',
    address: `203.0.113.${100 + (service % 100)}`,
    port: 1000 + Math.floor(service / 100),
    scheduler: 'wrr',
    servers: Array.from({ length: SERVERS }, (_, server) => ({
      address: `10.0.0.${100 + ((service + server) % 100)}`,
      port: 1000 + Math.floor(service / 100),
      weight: 1 + (server % 3),
    })),
  }))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await what()
  return performance.now() - start
}

/** Between the request and the answer, and how many new connections the server still gets after that: none is right. */
async function weightChanges(controller: Controller, target: string, rounds: number): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    times.push(await timed(() => controller.api('PATCH', `/v1/services/web/servers/${target}`, { weight: round % 2 })))
  }
  return times
}

async function main(): Promise<void> {
  const lab = startLab()
  try {
    const controller = new Controller(lab, 'director')
    const limits = { limits: { connections: 65536, services: 4096, servers: 65535 }, vips: 'manual' }
    controller.configure([webService(lab), ...manyServices()], limits)
    const cold = await timed(() => controller.start())
    await controller.stop('SIGTERM')
    const warm = await timed(() => controller.start())
    controller.configure([webService(lab)], limits)
    process.kill(controller.pid, 'SIGHUP')
    while ((await controller.api('GET', '/v1/config')).body.services.length > 1);
    const { services } = { services: [webService(lab), ...manyServices()] }
    const put = await timed(() => controller.api('PUT', '/v1/config', { services }))
    const target = `${lab.address('server1')}:80`
    const small = await weightChanges(controller, target, 51)
    await controller.api('PATCH', `/v1/services/web/servers/${target}`, { weight: 0 })
    lab.do('director', 'ip', 'address', 'replace', `${lab.vip}/32`, 'dev', 'eth1')
    const { answers } = await requests(lab, 30)
    const figures = {
      [`${SERVICES} services of ${SERVERS} servers, from a file, xlvsd started to ready (ms)`]: cold,
      'the same, maps adopted (ms)': warm,
      'the same over PUT /v1/config (ms)': put,
      'one weight over REST beside them, answered and in force, median (ms)': median(small),
      'one weight over REST, slowest of 51 (ms)': Math.max(...small),
      'connections that a server of weight 0 got after the answer': answers.filter((name) => name === 'server1').length,
    }
    for (const [name, value] of Object.entries(figures)) console.log(`${value.toFixed(1).padStart(9)}  ${name}`)
  } finally {
    lab.close()
  }
}

await main()
