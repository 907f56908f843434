// SPDX-License-Identifier: Apache-2.0

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds in `500ms`, `2s`, `1.5m`, `1h`, or in a number of seconds, bare or quoted; undefined when it is none of these. */
export function parseDuration(value: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value))
  if (!match) return undefined
  const unit = (match[2] ?? 's') as keyof typeof milliseconds
  return Math.round(Number(match[1]) * milliseconds[unit])
}

/** `900s`: how durations of whole seconds are written. */
export function formatSeconds(seconds: number): string {
  return `${seconds}s`
}
