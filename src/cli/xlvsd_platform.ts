// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../model/errors.js'

/** Refuses what the data plane is not made for. */
export function checkPlatform(): void {
  if (process.arch !== 'x64')
    throw new UserError(
      'invalid',
      `xlvs runs on x86-64 only for now: the connection table's protocol has not been proven on ${process.arch}`,
    )
  if (process.getuid?.() !== 0) throw new UserError('invalid', 'xlvsd attaches programs to interfaces: it must run as root')
}
