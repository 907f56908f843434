// SPDX-License-Identifier: Apache-2.0

export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/**
 * Whole shares that add up to at most `slots`, as near to the ratio of `weights` as that allows and never 0. Servers whose
 * part is less than a slot get one; the others divide what remains by largest remainder.
 */
export function roundShares(weights: readonly number[], slots: number): number[] {
  const small = smallOnes(weights, slots)
  const rest = [...weights.keys()].filter((server) => !small.has(server))
  const room = slots - small.size
  const sum = rest.reduce((total, server) => total + (weights[server] as number), 0)
  const parts = new Map(rest.map((server) => [server, ((weights[server] as number) * room) / sum]))
  const shares = weights.map((_, server) => Math.floor(parts.get(server) ?? 1))
  const left = slots - shares.reduce((total, share) => total + share, 0)
  const remainder = (server: number) => (parts.get(server) as number) % 1
  for (const server of rest.sort((a, b) => remainder(b) - remainder(a)).slice(0, left))
    shares[server] = (shares[server] as number) + 1
  const divisor = shares.reduce(gcd, 0)
  return shares.map((share) => share / divisor)
}

/** Those whose part stays under one slot, when each of them gets one and the others share what remains. */
function smallOnes(weights: readonly number[], slots: number): Set<number> {
  const rising = [...weights.keys()].sort((a, b) => (weights[a] as number) - (weights[b] as number))
  const small = new Set<number>()
  let sum = weights.reduce((total, weight) => total + weight, 0)
  for (const server of rising) {
    const weight = weights[server] as number
    if (weight * (slots - small.size) >= sum) break
    small.add(server)
    sum -= weight
  }
  return small
}
