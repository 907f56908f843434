// SPDX-License-Identifier: Apache-2.0
// A file that every server has, and what becomes of it on its way to a client, or from one: slowly, as a connection that lives while
// things change, or as fast as it goes.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, linkSync, rmSync } from 'node:fs'
import type { Lab } from './lab.js'
import { serversOf } from './topology.js'
import { urlOf, type Way } from './traffic.js'

export interface Download {
  /** Resolves with whether every byte arrived as it was sent. */
  readonly whole: Promise<boolean>
}

export interface Upload {
  readonly whole: boolean
  /** Who has it; absent if nobody has. */
  readonly server?: string
}

export interface Transfer extends Way {
  /** When it is given up. */
  readonly seconds?: number
}

const offered = (lab: Lab) => `${lab.directory}/download`

/** Puts one file of random bytes on every server. */
export function offerDownload(lab: Lab, bytes: number): void {
  const file = offered(lab)
  rmSync(file, { force: true })
  execFileSync('sh', ['-c', 'head -c "$1" /dev/urandom >"$2" && chmod 644 "$2"', 'sh', String(bytes), file])
  for (const server of serversOf(lab.topology)) {
    rmSync(`${lab.site(server)}/pages/download`, { force: true })
    linkSync(file, `${lab.site(server)}/pages/download`)
  }
}

/** Takes it at nginx's leisure: 4 MiB a second, unless `full` speed is asked for. */
export function takeDownload(
  lab: Lab,
  { from = 'client', seconds = 60, full = false, ...way }: Transfer & { full?: boolean } = {},
): Download {
  const url = urlOf(lab, way, full ? 'download' : 'slow/download')
  const script = 'curl -s -S --fail --max-time "$1" "$2" | sha256sum'
  const taken = lab.run(from, 'sh', ['-c', script, 'sh', String(seconds), url])
  const whole = Promise.all([taken, digest(offered(lab))]).then(([{ stdout }, sent]) => stdout.split(' ')[0] === sent)
  return { whole }
}

let sent = 0

/** Sends the offered file to whichever server the VIP leads to, and looks there for it. */
export async function putUpload(lab: Lab, { from = 'client', seconds = 60, ...way }: Transfer = {}): Promise<Upload> {
  const name = `upload${sent++}`
  const args = ['-s', '-S', '--fail', '--max-time', String(seconds), '-T', offered(lab), urlOf(lab, way, `uploads/${name}`)]
  const { code } = await lab.run(from, 'curl', args)
  const placeOf = (server: string) => `${lab.site(server)}/uploads/${name}`
  const server = serversOf(lab.topology).find((each) => existsSync(placeOf(each)))
  if (server === undefined) return { whole: false }
  const whole = code === 0 && (await digest(placeOf(server))) === (await digest(offered(lab)))
  rmSync(placeOf(server))
  return { whole, server }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part)
  return hash.digest('hex')
}
