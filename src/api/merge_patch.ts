// SPDX-License-Identifier: Apache-2.0
import { isFields } from '../config/shape.js'
import { refusal } from './requests.js'

/** Deeper than any resource of ours, and far from the stack's end. */
const DEEPEST = 32

/** `target` with `patch` merged in (RFC 7396): null removes a member, an object merges, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (depth > DEEPEST) throw refusal([{ path: '', message: `must nest at most ${DEEPEST} deep` }])
  if (!isFields(patch)) return patch
  const merged = new Map(Object.entries(isFields(target) ? target : {}))
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value, depth + 1))
  }
  return Object.fromEntries(merged)
}
