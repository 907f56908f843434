// SPDX-License-Identifier: Apache-2.0
// VIPs that xlvsd put on interfaces itself: remembered in stateDir, so that those alone are ever removed.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Log } from '../director/world.js'
import { familyOf } from '../model/address.js'
import type { Address } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import { contains, widths } from '../model/network.js'
import { NativeError } from '../native/library.js'
import { openNeighbours, sendAsks } from '../native/neighbours.js'
import { addAddress, removeAddress } from '../native/surroundings.js'
import { close, readInterface } from '../native/xlvs.js'
import { askOf } from './neighbour_sockets.js'
import { linksOf, ownAddresses } from './surroundings.js'

interface Assignment {
  readonly address: Address
  readonly interface: string
}

export interface AssignedVips {
  /** Adds what is on no interface and announces it; removes what was added once and is no longer listed. */
  assign(vips: readonly Address[], attached: readonly Attached[]): void
}

/** Milliseconds after the addition; a switch or a router may miss one announcement. */
const ANNOUNCEMENTS = [0, 300, 1000, 3000]

export function openAssignedVips(stateDir: string, log: Log): AssignedVips {
  let assignments = read(stateDir)

  /** On disk before the interface has it: after a crash there is nothing that nobody remembers. */
  function keep(next: readonly Assignment[]): void {
    assignments = next
    write(stateDir, next)
  }

  function add(vip: Address, attached: readonly Attached[]): void {
    const place = placeFor(vip, attached)
    if (!place) return
    const before = assignments
    keep([...before.filter(({ address }) => address !== vip), { address: vip, interface: place.name }])
    if (!addTo(place, vip)) {
      keep(before)
      return
    }
    log.info({ vip, interface: place.name }, 'VIP added')
    for (const delay of ANNOUNCEMENTS) setTimeout(announce, delay, vip, place).unref()
  }

  return {
    assign(vips, attached) {
      const wanted = new Set(vips)
      const over = assignments.filter(({ address }) => !wanted.has(address))
      for (const assignment of over) {
        take(assignment)
        log.info({ vip: assignment.address, interface: assignment.interface }, 'VIP removed')
      }
      if (over.length > 0) keep(assignments.filter((assignment) => !over.includes(assignment)))
      const own = ownAddresses()
      for (const vip of wanted) if (!own.has(vip)) add(vip, attached)
    },
  }
}

/** Takes every VIP away that was added, and forgets them. Returns them. */
export function removeAssignedVips(stateDir: string): Address[] {
  const assignments = read(stateDir)
  assignments.forEach(take)
  rmSync(fileIn(stateDir), { force: true })
  return assignments.map(({ address }) => address)
}

/** The attached interface whose network contains the VIP, or the first one. */
function placeFor(vip: Address, attached: readonly Attached[]): Attached | undefined {
  const link = linksOf(attached).find(({ addresses }) => addresses.some(({ address, prefix }) => contains(address, prefix, vip)))
  return attached.find(({ name }) => name === link?.name) ?? attached[0]
}

/** False: the interface had it already (it may be down, so that it was not seen), or it is gone. */
function addTo({ ifindex }: Attached, vip: Address): boolean {
  try {
    addAddress(ifindex, vip, widths[familyOf(vip)])
    return true
  } catch (error) {
    if (error instanceof NativeError && ['EEXIST', 'ENODEV'].includes(error.code)) return false
    throw error
  }
}

/** What is not there any more needs no removal. */
function take({ address, interface: name }: Assignment): void {
  try {
    removeAddress(readInterface(name).index, address, widths[familyOf(address)])
  } catch (error) {
    if (!(error instanceof NativeError) || !['EADDRNOTAVAIL', 'ENODEV'].includes(error.code)) throw error
  }
}

/** Gratuitous ARP, or an unsolicited advertisement: whoever had another MAC address for the VIP forgets it. */
function announce(vip: Address, { name, ifindex, mac }: Attached): void {
  const family = familyOf(vip)
  const question = { interface: name, asker: vip, target: vip, mac, router: family === 'IPv6' && isRouter(name) }
  try {
    const socket = openNeighbours(family, ifindex)
    try {
      sendAsks(family, socket, ifindex, [askOf(question)])
    } finally {
      close(socket)
    }
  } catch (error) {
    // The interface may be down, or gone, by now.
    if (!(error instanceof NativeError)) throw error
  }
}

/** Neighbours that have this host as their router would forget it, told that it is none (RFC 4861, section 7.2.5). */
function isRouter(name: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${name}/forwarding`, 'utf8').trim() !== '0'
  } catch {
    return false
  }
}

function fileIn(stateDir: string): string {
  return `${stateDir}/assigned_vips.json`
}

function read(stateDir: string): readonly Assignment[] {
  try {
    return JSON.parse(readFileSync(fileIn(stateDir), 'utf8')) as readonly Assignment[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function write(stateDir: string, assignments: readonly Assignment[]): void {
  const path = fileIn(stateDir)
  writeFileSync(`${path}.new`, JSON.stringify(assignments), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
