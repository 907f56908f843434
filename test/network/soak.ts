// SPDX-License-Identifier: Apache-2.0
// Large files through NAT in both directions and families at once, while the weights of their servers change and change again.

import type { ServiceEntry } from '../../vagrant/controller.js'
import { offerDownload, putUpload, takeDownload } from '../../vagrant/download.js'
import type { Lab } from '../../vagrant/lab.js'
import { readTopology, type Topology } from '../../vagrant/topology.js'
import { serverEntries, webService } from '../../vagrant/traffic.js'
import { placeServers } from '../../vagrant/variants.js'
import type { Stage } from './stage.js'

/** The director is the servers' gateway; they stand on a network of their own. */
export const natTopology = (): Topology => placeServers(readTopology(), 'nat', 'two-arm')

/** `web` and `web6`: the VIPs' port 80 is the servers' port 8080. */
export function natServices(lab: Lab): ServiceEntry[] {
  const pools = [4, 6].map((family) => serverEntries(lab, { family: family as 4 | 6, port: 8080 }))
  return [
    webService(lab, [], { scheduler: 'wrr', servers: pools[0] ?? [] }),
    webService(lab, [], { name: 'web6', address: lab.vip6, scheduler: 'wrr', servers: pools[1] ?? [] }),
  ]
}

export interface Moved {
  /** By direction and family: whether every byte arrived. */
  readonly whole: Readonly<Record<string, boolean>>
  /** Weights that were changed meanwhile. */
  readonly changes: number
}

/** A download and an upload of so many bytes by each family. */
export async function moveWhileWeightsChange({ lab, controller }: Stage, bytes: number, seconds: number): Promise<Moved> {
  offerDownload(lab, bytes)
  let over = false
  const transfers = Promise.all(
    [lab.vip, lab.vip6].flatMap((vip) => [
      takeDownload(lab, { vip, full: true, seconds }).whole.then((whole) => [`from ${vip}`, whole] as const),
      putUpload(lab, { vip, seconds }).then(({ whole }) => [`to ${vip}`, whole] as const),
    ]),
  ).finally(() => {
    over = true
  })
  let changes = 0
  while (!over) {
    for (const service of ['web', 'web6']) {
      const { body } = await controller.api('GET', `/v1/services/${service}`)
      const servers = body.servers.map(({ status: _, ...server }: { status: unknown }, place: number) => ({
        ...server,
        weight: (changes + place) % 4,
      }))
      const { status } = await controller.api('PATCH', `/v1/services/${service}`, { servers })
      if (status !== 200) throw new Error(`a change of weights got ${status}`)
      changes += servers.length
    }
  }
  return { whole: Object.fromEntries(await transfers), changes }
}
