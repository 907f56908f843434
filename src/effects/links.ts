// SPDX-License-Identifier: Apache-2.0
// Puts the program on interfaces by pinned links, and keeps it there.

import { macText } from '../abi/codec.js'
import { Mode } from '../abi/native.js'
import type { XdpMode } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import type { Attached } from '../model/facts.js'
import { NativeError } from '../native/library.js'
import { close, createLink, interfaceProgram, readInterface, readLink, updateLink } from '../native/xlvs.js'
import { linkedInterface, linkPin, PROGRAM, pinned, replacePin, unpinLink, withPin } from './pins.js'

export interface LinkPlan {
  readonly pinDir: string
  readonly interfaces: readonly string[]
  readonly xdpMode: XdpMode
  /** The descriptor of the program that was just loaded. */
  readonly program: number
}

/** What happened to an interface, for the log. */
export type LinkEvent = 'attached' | 'program swapped' | 'interface came back' | 'interface is gone' | 'detached'
export type Report = (event: LinkEvent, fields: { interface: string; mode?: string; reason?: string }) => void

/**
 * Puts the program on every interface: swapped into the links that live, attached where there is none, taken from
 * interfaces that are no longer listed. Throws a UserError that names `interfaces[i]`; what was forwarding goes on.
 */
export function attachAll(plan: LinkPlan, report: Report): Attached[] {
  const absent = plan.interfaces.flatMap((name, i) => (find(name) ? [] : [noInterface(name, i)]))
  if (absent.length > 0) throw new UserError('invalid', 'an interface is missing', absent)
  const attached = plan.interfaces.map((name, i) => attach(plan, name, i, report))
  replacePin(plan.pinDir, PROGRAM, plan.program)
  const wanted = new Set(plan.interfaces)
  for (const pinName of pinned(plan.pinDir)) {
    const name = linkedInterface(pinName)
    if (name === undefined || wanted.has(name)) continue
    unpinLink(plan.pinDir, pinName)
    report('detached', { interface: name })
  }
  return attached
}

function noInterface(name: string, i: number) {
  return { path: `interfaces[${i}]`, message: `there is no interface ${name}` }
}

function find(name: string): ReturnType<typeof readInterface> | undefined {
  try {
    return readInterface(name)
  } catch (error) {
    if (error instanceof NativeError && error.code === 'ENODEV') return undefined
    throw error
  }
}

/** The one interface `name`, whichever way it gets the program. */
function attach(plan: LinkPlan, name: string, i: number, report: Report): Attached {
  const found = readInterface(name)
  const fields = { name, ifindex: found.index, mac: macText(found.mac) }
  const swapped = swap(plan, name, found.index)
  if (swapped) {
    report('program swapped', { interface: name, mode: swapped })
    return { ...fields, mode: swapped }
  }
  const made = make(plan, name, found.index, i)
  report('attached', { interface: name, ...made })
  return { ...fields, ...made }
}

/** Swaps the program into a pinned link that leads to this very interface in a mode that is wanted; the mode, or undefined. */
function swap({ pinDir, program, xdpMode }: LinkPlan, name: string, ifindex: number): Attached['mode'] | undefined {
  return withPin(pinDir, linkPin(name), (link) => {
    if (readLink(link).interface !== ifindex) return undefined
    const mode = modeName(interfaceProgram(ifindex).mode)
    if (xdpMode !== 'auto' && xdpMode !== mode) {
      // One interface does not carry both.
      unpinLink(pinDir, linkPin(name))
      return undefined
    }
    updateLink(link, program)
    return mode
  })
}

function modeName(mode: number): Attached['mode'] {
  return mode === Mode.XLVS_GENERIC ? 'generic' : 'native'
}

/** A new link, pinned: native where the driver can, else generic with the reason why not, as far as xdpMode lets it. */
function make(plan: LinkPlan, name: string, ifindex: number, i: number): Pick<Attached, 'mode' | 'reason'> {
  refuseForeign(name, ifindex, i)
  if (plan.xdpMode === 'generic') return pinLink(plan, name, ifindex, 'generic', i)
  try {
    return pinLink(plan, name, ifindex, 'native', i)
  } catch (error) {
    if (plan.xdpMode === 'native' || !(error instanceof UserError)) throw error
    return { ...pinLink(plan, name, ifindex, 'generic', i), reason: error.errors[0]?.message ?? error.message }
  }
}

/** Somebody else's program stays where it is. */
function refuseForeign(name: string, ifindex: number, i: number): void {
  const { program, mode } = interfaceProgram(ifindex)
  if (program === 0) return
  const how = modeName(mode)
  const message = `${name} already carries another XDP program (id ${program}, ${how}; see "bpftool prog show id ${program}"); detach that first`
  throw new UserError('conflict', message, [{ path: `interfaces[${i}]`, message }])
}

/** The pin takes the place of that of a link that leads nowhere. */
function pinLink(plan: LinkPlan, name: string, ifindex: number, mode: Attached['mode'], i: number): Pick<Attached, 'mode'> {
  let link: number
  try {
    link = createLink(plan.program, ifindex, mode === 'native' ? Mode.XLVS_NATIVE : Mode.XLVS_GENERIC)
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    const message = `${mode} XDP does not work on ${name}: ${error.message}`
    throw new UserError('invalid', message, [{ path: `interfaces[${i}]`, message }])
  }
  try {
    replacePin(plan.pinDir, linkPin(name), link)
  } finally {
    close(link)
  }
  return { mode }
}

/**
 * What is attached now: an interface that was made anew since (its link leads nowhere) gets the program again, one that is
 * gone is left out. Undefined: links are no longer pinned, since somebody detached the data plane.
 */
export function attachAgain(plan: LinkPlan, before: readonly Attached[], report: Report): Attached[] | undefined {
  const pins = new Set(pinned(plan.pinDir))
  if (!plan.interfaces.every((name) => pins.has(linkPin(name)))) return undefined
  return plan.interfaces.flatMap((name, i) => {
    const was = before.find((entry) => entry.name === name)
    const found = find(name)
    if (!found) {
      if (was) report('interface is gone', { interface: name })
      return []
    }
    if (was && withPin(plan.pinDir, linkPin(name), (link) => readLink(link).interface) === found.index)
      return [{ ...was, ifindex: found.index, mac: macText(found.mac) }]
    const again = attach(plan, name, i, report)
    report('interface came back', { interface: name })
    return [again]
  })
}
