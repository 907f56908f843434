// SPDX-License-Identifier: Apache-2.0
// One controller a pinDir and a stateDir: the folders themselves carry the locks, so that nothing is left behind.
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { UserError } from '../model/errors.js'
import { tryLock } from '../native/xlvs.js'

/** Locks a folder until the process ends. Throws a UserError that names `field` when another process has it. */
export function lockFolder(path: string, field: 'pinDir' | 'stateDir'): void {
  const descriptor = openSync(path, 'r')
  if (tryLock(descriptor) && isStill(path, descriptor)) return
  closeSync(descriptor)
  const message = `another xlvsd is using ${path}`
  throw new UserError('conflict', message, [{ path: field, message }])
}

/** A detach may have removed the folder between opening and locking it. */
function isStill(path: string, descriptor: number): boolean {
  try {
    return statSync(path).ino === fstatSync(descriptor).ino
  } catch {
    return false
  }
}
