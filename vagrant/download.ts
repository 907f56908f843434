// SPDX-License-Identifier: Apache-2.0
// A file that every server has, and a client that takes it slowly: a connection that lives while things change.
import { createHash, randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Lab } from './lab.js'
import { serversOf } from './topology.js'

export interface Download {
  /** Resolves with whether every byte arrived as it was sent. */
  readonly whole: Promise<boolean>
}

/** Puts one file of random bytes on every server; nginx hands it out at 4 MiB a second. */
export function offerDownload(lab: Lab, bytes: number): void {
  const file = `${lab.directory}/download`
  rmSync(file, { force: true })
  writeFileSync(file, randomBytes(bytes), { mode: 0o644 })
  for (const server of serversOf(lab.topology)) {
    rmSync(`${lab.site(server)}/pages/download`, { force: true })
    linkSync(file, `${lab.site(server)}/pages/download`)
  }
}

let taken = 0

export function takeDownload(lab: Lab): Download {
  const target = `${lab.directory}/taken${taken++}`
  const args = ['-s', '-S', '--fail', '--max-time', '60', '-o', target, `http://${lab.vip}/slow/download`]
  const whole = lab
    .run('client', 'curl', args)
    .then(({ code }) => code === 0 && digest(target) === digest(`${lab.directory}/download`))
  return { whole }
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
