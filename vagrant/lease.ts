// SPDX-License-Identifier: Apache-2.0
// What a lab has made, on record before it is made, so that it can be taken away by whoever comes: the lab itself, a signal, the
// watchdog of a lab that was killed, the next lab, or `make lab-down`.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { root } from './topology.js'

export const labs = '/run/xlvs-lab'

export interface Lease {
  readonly name: string
  /** Who made it; 0: it stays until it is taken down by name. */
  readonly creator: number
  /** The creator's start in clock ticks since boot, so that its number in another's hands is not taken for it. */
  readonly since: string
  readonly namespaces: readonly string[]
  /** Directories in bpffs. */
  readonly pins: readonly string[]
}

/** Files of the lab: configurations, pages, logs, sockets. */
export function directoryOf(name: string): string {
  return `${labs}/${name}`
}

export function writeLease(lease: Omit<Lease, 'creator' | 'since'>, keep: boolean): void {
  mkdirSync(directoryOf(lease.name), { recursive: true })
  const creator = keep ? 0 : process.pid
  writeFileSync(`${labs}/${lease.name}.json`, JSON.stringify({ ...lease, creator, since: keep ? '' : startOf(process.pid) }))
}

export function readLease(name: string): Lease | undefined {
  try {
    return JSON.parse(readFileSync(`${labs}/${name}.json`, 'utf8')) as Lease
  } catch {
    return undefined
  }
}

/** Takes everything away, whatever part of it is there. Synchronous, so that it can run while the process ends. */
export function removeLab(name: string): boolean {
  const lease = readLease(name)
  if (!lease) return false
  for (const namespace of lease.namespaces) endProcesses(namespace)
  for (const pins of lease.pins) rmSync(pins, { recursive: true, force: true })
  for (const namespace of lease.namespaces) quietly('ip', ['netns', 'delete', namespace])
  rmSync(directoryOf(name), { recursive: true, force: true })
  rmSync(`${labs}/${name}.json`, { force: true })
  return true
}

/** Takes away the labs whose makers are gone. */
export function removeOrphans(): void {
  if (!existsSync(labs)) return
  for (const file of readdirSync(labs).filter((each) => each.endsWith('.json'))) {
    const lease = readLease(file.slice(0, -'.json'.length))
    if (lease && lease.creator !== 0 && startOf(lease.creator) !== lease.since) removeLab(lease.name)
  }
}

/** Every process in a namespace that the lab made is the lab's own. */
function endProcesses(namespace: string): void {
  for (let attempt = 0; attempt < 100; attempt++) {
    const pids = quietly('ip', ['netns', 'pids', namespace]).split('\n').filter(Boolean).map(Number)
    if (pids.length === 0) return
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // it ended by itself
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  }
}

function quietly(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? ''
  } catch {
    return ''
  }
}

/**
 * Starts a process in a session of its own that takes the lab away when this one ends without having done so, by kill -9 too:
 * it reads a pipe whose other end closes with us. The result calls it off.
 */
export function watchdog(name: string): () => void {
  const dog = spawn(
    'sh',
    ['-c', 'read -r word || exec "$@"', 'sh', process.execPath, `${root}build/js/vagrant/command.js`, 'down', name],
    {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  dog.unref()
  const pipe = dog.stdin as typeof dog.stdin & { unref(): void }
  pipe.unref()
  pipe.on('error', () => {})
  return () => {
    pipe.end('done\n')
  }
}
