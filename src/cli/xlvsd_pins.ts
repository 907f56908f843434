// SPDX-License-Identifier: Apache-2.0
// What needs no controller: attaching empty tables, and taking everything away.
import { defaults } from '../config/defaults.js'
import { removeAssignedVips } from '../effects/assigned_vips.js'
import { attachAll } from '../effects/links.js'
import { lockFolder } from '../effects/lock.js'
import { makePinDir, unpinAll } from '../effects/pins.js'
import { loadProgram } from '../effects/program.js'
import { checkPlatform } from './xlvsd_platform.js'

/** Attaches the program to `interfaces` and pins it with empty tables. */
export function load(interfaces: readonly string[], pinDir: string = defaults.pinDir): void {
  checkPlatform()
  makePinDir(pinDir)
  lockFolder(pinDir, 'pinDir')
  const { program, adopted } = loadProgram(pinDir, defaults.limits)
  const attached = attachAll({ pinDir, interfaces, xdpMode: 'auto', program }, () => {})
  for (const { name, mode, reason } of attached)
    console.log(
      `${name}: ${mode} XDP${reason === undefined ? '' : ` (${reason})`}, ${adopted ? 'maps as they were' : 'empty maps'} in ${pinDir}`,
    )
}

export function unload(pinDir: string = defaults.pinDir): void {
  const interfaces = unpinAll(pinDir)
  console.log(interfaces.length > 0 ? `detached from ${interfaces.join(', ')}` : 'nothing was attached')
}

/** Leaves nothing but the state: a controller that runs notices within a second, and stops. */
export function detach(pinDir: string, stateDir: string): void {
  unload(pinDir)
  const vips = removeAssignedVips(stateDir)
  if (vips.length > 0) console.log(`removed ${vips.join(', ')}`)
}
