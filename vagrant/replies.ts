// SPDX-License-Identifier: Apache-2.0
// Which way the answers go: the router counts packets from the VIP by the machine whose MAC address sent them.
import type { Lab } from './lab.js'
import { interfacesOf, machineOf } from './topology.js'
import { enter, execute, namespaceOf } from './wiring.js'

/** Starts counting, from nothing. */
export function countReplies(lab: Lab): void {
  const { vips, vips6 = [] } = lab.topology
  const families = [['ip', vips] as const, ['ip6', vips6] as const].filter(([, addresses]) => addresses.length > 0)
  const rules = sendersOf(lab).flatMap(({ machine, mac }) =>
    families.map(
      ([family, addresses]) => `ether saddr ${mac} ${family} saddr { ${addresses.join(', ')} } counter comment "${machine}"`,
    ),
  )
  const ruleset = `table inet replies
delete table inet replies
table inet replies {
  chain arrivals {
    type filter hook prerouting priority raw
    ${rules.join('\n    ')}
  }
}
`
  execute(...enter(namespaceOf(lab.name, 'router'), 'nft', ['-f', '-']), { input: ruleset })
}

/** Packets from the VIP that each machine has sent to the router since. */
export function repliesBy(lab: Lab): Map<string, number> {
  const { nftables } = JSON.parse(lab.do('router', 'nft', '-j', 'list', 'table', 'inet', 'replies'))
  const counts = new Map(sendersOf(lab).map(({ machine }) => [machine, 0]))
  for (const { rule } of nftables) {
    const packets = rule?.expr.find((part: { counter?: { packets: number } }) => part.counter)?.counter.packets
    if (packets !== undefined) counts.set(rule.comment, (counts.get(rule.comment) ?? 0) + packets)
  }
  return counts
}

function sendersOf(lab: Lab): { machine: string; mac: string }[] {
  return Object.keys(lab.topology.machines)
    .filter((machine) => ['director', 'server'].includes(machineOf(lab.topology, machine).role))
    .flatMap((machine) => interfacesOf(lab.topology, machine).map(({ mac }) => ({ machine, mac })))
}
