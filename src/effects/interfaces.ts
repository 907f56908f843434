// SPDX-License-Identifier: Apache-2.0
// The Interfaces port: what carries the program, and with `vips: assign` the VIPs on them.
import type { Interfaces } from '../director/ports.js'
import type { Log } from '../director/world.js'
import type { Address } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { openAssignedVips } from './assigned_vips.js'
import { attachAgain, attachAll, type LinkPlan, type Report } from './links.js'
import { ownAddresses } from './surroundings.js'

export interface RunningInterfaces extends Interfaces {
  /** To be called about once a second. False: somebody took the data plane away. */
  look(): boolean
}

/** Attaches the program; throws a UserError that names `interfaces[i]` where that fails. */
export function createInterfaces(plan: LinkPlan, stateDir: string, log: Log): RunningInterfaces {
  const report: Report = (event, fields) => {
    if (fields.reason === undefined && event !== 'interface is gone') log.info(fields, event)
    else log.warn(fields, event)
  }
  let attached = attachAll(plan, report)
  let complaint = ''
  const assigned = openAssignedVips(stateDir, log)
  let vips: readonly Address[] = []

  function look(): boolean {
    try {
      const now = attachAgain(plan, attached, report)
      if (!now) return false
      const isNew = now.some(({ ifindex }) => !attached.some((before) => before.ifindex === ifindex))
      attached = now
      // An interface that was made anew has lost its addresses.
      if (isNew) assigned.assign(vips, attached)
      complaint = ''
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const said = error.errors[0]?.message ?? error.message
      if (said !== complaint) log.error({ reason: said }, 'cannot attach to an interface that came back')
      complaint = said
    }
    return true
  }

  return {
    attached: () => attached,
    absent: (vips) => {
      const own = ownAddresses()
      return vips.filter((vip) => !own.has(vip))
    },
    assign: async (wanted) => {
      vips = wanted
      assigned.assign(vips, attached)
    },
    look,
  }
}
