// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../model/errors.js'

/** Hands out the free indices from 1 to `limit`, lowest first; each is handed out once. */
export function freeIndices(
  limit: number,
  taken: (index: number) => boolean,
  path: string,
  what: string,
  remedy = 'indices of removed ones are free again after some seconds',
): () => number {
  let index = 0
  return () => {
    do index++
    while (index <= limit && taken(index))
    if (index > limit) throw tooMany(path, `all ${limit} ${what} are in use; ${remedy}`)
    return index
  }
}

export function tooMany(path: string, message: string): UserError {
  return new UserError('tooMany', `${path}: ${message}`, [{ path, message }])
}
