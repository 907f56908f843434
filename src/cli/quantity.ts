// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them; `--json` has them exact.

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E']
const EXACT_BELOW = 100_000

/** `12,345` while that is short, then `1.23M`. */
export function count(value: number): string {
  return value < EXACT_BELOW && Number.isInteger(value) ? grouped(value) : scaled(value)
}

/** `0`, `12.5`, `1.5k`: a rate a second. */
export function rate(value: number): string {
  return scaled(value)
}

/** `512B`, `33.6MB`: powers of 1000. */
export function bytes(value: number): string {
  return `${scaled(value)}B`
}

/** `12,345` */
export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** The two largest units of a time in seconds: `1d 2h`, `3min 4s`. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds)
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first < 0) return '0s'
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ')
}

/** `0.0 %` */
export function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(1)} %`
}

/** Three significant digits and a prefix; no fraction that is nothing. */
function scaled(value: number): string {
  const rounded = Number(value.toPrecision(3))
  const power = Math.min(Math.max(Math.floor(Math.log10(rounded || 1) / 3), 0), PREFIXES.length - 1)
  const shown = rounded / 1000 ** power
  return `${Number(shown.toFixed(2))}${PREFIXES[power]}`
}
