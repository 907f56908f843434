// SPDX-License-Identifier: Apache-2.0
// What is pinned where: pinDir holds every map and the program under their names, and a link for each interface.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../model/errors.js'
import { openPin, pin } from '../native/libbpf.js'
import { NativeError } from '../native/library.js'
import { close, detachLink, mountBpf } from '../native/xlvs.js'
import { type MapName, mapNames } from './sizes.js'

/** The mark of a finished set of maps: made last, taken away first. */
export const IDENTITY = 'pinned_identity'
export const PROGRAM = 'program'

const BPF_FS_MAGIC = 0xcafe4a11
const usualMount = '/sys/fs/bpf'

/** The BPF file system does not take names with dots; eth0.100 is `link_eth0%2E100`. No map's name may begin so. */
export function linkPin(interfaceName: string): string {
  return `link_${interfaceName.replaceAll('%', '%25').replaceAll('.', '%2E')}`
}

/** The interface that a pin's name stands for, if it is a link's. */
export function linkedInterface(pinName: string): string | undefined {
  return pinName.startsWith('link_') ? decodeURIComponent(pinName.slice('link_'.length)) : undefined
}

/** Makes pinDir, for root alone, on a BPF file system that is mounted first where it is missing. */
export function makePinDir(pinDir: string): void {
  if (pinDir.startsWith(`${usualMount}/`) && !isBpf(usualMount)) mountBpf(usualMount)
  if (!isBpf(nearest(pinDir))) throw misplaced(pinDir)
  mkdirSync(pinDir, { recursive: true, mode: 0o700 })
  chmodSync(pinDir, 0o700)
}

function misplaced(pinDir: string): UserError {
  const message = `${pinDir} is not on a BPF file system; the usual place is ${usualMount}/xlvs`
  return new UserError('invalid', message, [{ path: 'pinDir', message }])
}

function isBpf(path: string): boolean {
  return statfsSync(path).type === BPF_FS_MAGIC
}

/** The deepest folder on the way that exists. */
function nearest(path: string): string {
  try {
    statfsSync(path)
    return path
  } catch (error) {
    if (dirname(path) === path) throw error
    return nearest(dirname(path))
  }
}

/** Names of what is pinned; none if there is no such folder. */
export function pinned(pinDir: string): string[] {
  try {
    return readdirSync(pinDir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export function unpin(pinDir: string, name: string): void {
  rmSync(`${pinDir}/${name}`, { force: true })
}

/** Pins `descriptor` in the place of what was pinned there, at one stroke. */
export function replacePin(pinDir: string, name: string, descriptor: number): void {
  const fresh = `${pinDir}/${name}_new`
  rmSync(fresh, { force: true })
  pin(descriptor, fresh)
  renameSync(fresh, `${pinDir}/${name}`)
}

/** Gives `use` a descriptor of what is pinned, and closes it; undefined if nothing is. */
export function withPin<T>(pinDir: string, name: string, use: (descriptor: number) => T): T | undefined {
  let descriptor: number
  try {
    descriptor = openPin(`${pinDir}/${name}`)
  } catch (error) {
    if (error instanceof NativeError && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return use(descriptor)
  } finally {
    close(descriptor)
  }
}

/** A map's max_entries, as the kernel shows it to whoever has the map open. */
export function entriesOf(descriptor: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
  return Number(/^max_entries:\s*(\d+)$/m.exec(text)?.[1])
}

/** The sizes of the maps that are pinned. */
export function pinnedEntries(pinDir: string): ReadonlyMap<MapName, number> {
  const sizes = new Map<MapName, number>()
  for (const name of mapNames) {
    const entries = withPin(pinDir, name, entriesOf)
    if (entries !== undefined) sizes.set(name, entries)
  }
  return sizes
}

/** Takes the maps away, the mark first. Links and program stay. */
export function unpinMaps(pinDir: string): void {
  for (const name of [IDENTITY, ...mapNames]) unpin(pinDir, name)
}

/** Takes the program off an interface. The pin goes first: a controller that runs puts back what it finds broken. */
export function unpinLink(pinDir: string, name: string): void {
  withPin(pinDir, name, (link) => {
    unpin(pinDir, name)
    detachLink(link)
  })
}

/** Takes everything away: links first, so that no packet meets half a data plane. Returns the interfaces that it left. */
export function unpinAll(pinDir: string): string[] {
  const names = pinned(pinDir)
  if (names.length > 0 && !isBpf(pinDir)) throw misplaced(pinDir)
  const links = names.filter((name) => linkedInterface(name) !== undefined)
  for (const name of links) unpinLink(pinDir, name)
  for (const name of [PROGRAM, `${PROGRAM}_new`]) unpin(pinDir, name)
  unpinMaps(pinDir)
  removeEmpty(pinDir)
  return links.flatMap((name) => linkedInterface(name) ?? [])
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
