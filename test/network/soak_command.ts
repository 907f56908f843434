// SPDX-License-Identifier: Apache-2.0
// `make soak`: a gigabyte, or so many megabytes, each way and by each family through NAT while weights change.
import { Controller } from '../../vagrant/controller.js'
import { type Lab, startLab } from '../../vagrant/lab.js'
import { Report } from '../../vagrant/report.js'
import { moveWhileWeightsChange, natServices, natTopology } from './soak.js'
import { serverStates, until } from './stage.js'

const megabytes = Number(process.argv[2] ?? 1024)

/** Segments that a machine's kernel has refused for their checksums. */
function refused(lab: Lab, machine: string): number {
  const [names, counts] = lab
    .do(machine, 'cat', '/proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith('Tcp: '))
    .map((line) => line.split(' '))
  return Number(counts?.[names?.indexOf('InCsumErrors') ?? 0])
}

async function main(lab: Lab): Promise<boolean> {
  const report = new Report()
  const controller = new Controller(lab, 'director')
  controller.configure(natServices(lab))
  await controller.start()
  await until('every server is resolved', async () => !(await serverStates(controller, 'web6')).includes('unresolved'))
  const began = Date.now()
  report.step(`${megabytes} MB down and up by IPv4 and IPv6, all at once`)
  const { whole, changes } = await moveWhileWeightsChange({ lab, controller }, megabytes << 20, 3600)
  const seconds = (Date.now() - began) / 1000
  const megabits = Math.round((megabytes * 4 * 8 * 1.048576) / seconds)
  report.note(`${changes} weights changed meanwhile; ${megabits} Mbit/s in all`)
  for (const [name, is] of Object.entries(whole)) report.claim(`what went ${name} is whole`, is)
  for (const machine of ['client', 'server1', 'server2', 'server3'])
    report.claim(`${machine} refused no segment for its checksum`, refused(lab, machine) === 0)
  return report.end(seconds)
}

const lab = startLab({ topology: natTopology() })
try {
  process.exitCode = (await main(lab)) ? 0 : 1
} finally {
  lab.close()
}
