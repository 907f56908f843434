// SPDX-License-Identifier: Apache-2.0
// What both libraries share: negative results become errors, and asynchronous calls promises.
import { fileURLToPath } from 'node:url'
import { getSystemErrorMap, getSystemErrorName } from 'node:util'

/** build/libxlvs.so, seen from build/js/src/native. */
export const xlvsPath = fileURLToPath(new URL('../../../libxlvs.so', import.meta.url))

/** Where something is in native memory. User space ends at 2^47, so a number holds it. */
export type Handle = number

/** ffi gives 64-bit numbers back as text beyond 2^53. */
export type Wide = number | string

/** A call that the kernel or a library refused; `code` is `EBUSY` and the like. */
export class NativeError extends Error {
  readonly code: string
  constructor(
    readonly doing: string,
    readonly errno: number,
  ) {
    const [code, reason] = getSystemErrorMap().get(errno) ?? [getSystemErrorNameOr(errno), 'error']
    super(`${doing}: ${reason} (${code})`)
    this.name = 'NativeError'
    this.code = code
  }
}

function getSystemErrorNameOr(errno: number): string {
  try {
    return getSystemErrorName(errno)
  } catch {
    return `errno ${-errno}`
  }
}

/** The result, unless it is a negative errno. `doing` says what failed: `pin the map services`. */
export function check(result: number, doing: string): number {
  if (result < 0) throw new NativeError(doing, result)
  return result
}

/** A call on the thread pool: `call` gets the callback that ffi wants. */
export function promised<T>(call: (done: (error: unknown, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)))
  })
}
