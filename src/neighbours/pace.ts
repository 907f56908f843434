// SPDX-License-Identifier: Apache-2.0
// How many questions a second: twenty thousand servers are kept fresh too, only not as fast as twenty.

/** Milliseconds after which a server that answered is asked again. */
const REFRESH = 1500
/** Of the servers that answer, as many are asked a second. */
const REFRESHED_PER_SECOND = 1000
/** The most questions a second, those to silent servers included. */
const ASKED_PER_SECOND = 4000
/** What may be caught up at once after a pause, in milliseconds. */
const CATCH_UP = 250

/** Milliseconds until a server that has answered is asked again, when `count` servers are watched. */
export function refreshInterval(count: number): number {
  return Math.max(REFRESH, (count / REFRESHED_PER_SECOND) * 1000)
}

/** How many questions may be asked now, `elapsed` milliseconds after the last turn. */
export function questionsFor(elapsed: number): number {
  return Math.ceil((Math.min(elapsed, CATCH_UP) * ASKED_PER_SECOND) / 1000)
}
