// SPDX-License-Identifier: Apache-2.0
// What `make lab` and `make lab-down${lab.name === 'lab' ? '' : ` LAB=${lab.name}`}` run: a lab that stays, and its removal.
import { chmodSync, writeFileSync } from 'node:fs'
import { Controller } from './controller.js'
import { type Lab, startLab } from './lab.js'
import { readLease, removeLab } from './lease.js'
import { root } from './topology.js'
import { webService } from './traffic.js'

async function up(name: string): Promise<void> {
  if (readLease(name)) {
    console.log(`The lab "${name}" is up already; make lab-down takes it down.`)
    return
  }
  const lab = startLab({ name, keep: true })
  try {
    const controller = new Controller(lab, 'director')
    controller.configure([webService(lab)])
    await controller.start()
    controller.release()
    console.log(welcome(lab, controller))
  } catch (error) {
    lab.close()
    throw error
  }
}

function welcome(lab: Lab, controller: Controller): string {
  const shell = `${lab.directory}/in`
  writeFileSync(
    shell,
    `#!/bin/sh\n# in MACHINE COMMAND...: runs a command on one of the lab's machines\nmachine=$1\nshift\nexec nsenter --net=/run/netns/${lab.name}-"$machine" -- "$@"\n`,
  )
  chmodSync(shell, 0o755)
  return `The lab is up: client - router - { director, server1, server2, server3 }, and ${lab.vip}:80 is balanced.

  From the client:         ${shell} client curl http://${lab.vip}/
  Ten of them:             ${shell} client curl -sH 'Connection: close' 'http://${lab.vip}/?[1-10]'
  The director's view:     export XLVS_API=unix:${controller.socket}
                           ${root}bin/xlvs services
                           ${root}bin/xlvs connections
                           ${root}bin/xlvs stats
  A weight, over REST:     curl --unix-socket ${controller.socket} -X PATCH -H 'Content-Type: application/merge-patch+json' \\
                             -d '{"weight": 0}' http://localhost/v1/services/web/servers/${lab.address('server1')}:80
  The wire, at a server:   ${shell} server1 tcpdump -eni eth1 port 80
  The configuration:       ${controller.configPath}
  The log:                 ${lab.site('director')}/xlvsd.log

  Away with it:            make lab-down${lab.name === 'lab' ? '' : ` LAB=${lab.name}`}`
}

const [action, name = 'lab'] = process.argv.slice(2)
try {
  if (action === 'up') await up(name)
  else if (action === 'down') console.log(removeLab(name) ? `The lab "${name}" is gone.` : `There is no lab "${name}".`)
  else throw new Error('usage: command.js up|down [NAME]')
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
