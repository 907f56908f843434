// SPDX-License-Identifier: Apache-2.0
import type { Settings } from './desired.js'

const fixed = ['interfaces', 'vips', 'xdpMode', 'api', 'stateDir', 'pinDir', 'limits'] as const

/** The settings that differ and take a restart to come into force; sources and timeouts don't. */
export function settingsThatNeedRestart(before: Settings, after: Settings): string[] {
  return fixed.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}
