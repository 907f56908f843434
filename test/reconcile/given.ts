// SPDX-License-Identifier: Apache-2.0
// Any configurations and facts: services of all ways to forward, both families, networks and ranges of ports.
import fc from 'fast-check'
import type { Address, RealServer, Service } from '../../src/model/desired.js'
import type { Facts, Hop } from '../../src/model/facts.js'
import { listeners, service } from '../model/example.js'
import type { Probe } from './lookup.js'

const pool = listeners(
  'tcp 203.0.113.10:80',
  'tcp 203.0.113.10:443',
  'udp 203.0.113.10:53',
  'tcp 203.0.113.10:8000-8100',
  'tcp 203.0.113.10:8010-8020',
  'tcp 203.0.113.0/24:80',
  'tcp 203.0.113.0/24:0',
  'tcp 203.0.112.0/22:8000-8063',
  'udp 203.0.0.0/16:0',
  'tcp [2001:db8::10]:80',
  'tcp [2001:db8::10]:8000-8100',
  'udp [2001:db8::/64]:0',
)

const addresses = ['203.0.113.10', '203.0.113.11', '203.0.112.1', '203.0.1.1', '2001:db8::10', '2001:db8::11'] as Address[]

/** Packets that the listeners above are told apart by. */
export const probes: readonly Probe[] = addresses.flatMap((address) =>
  (['tcp', 'udp'] as const).flatMap((protocol) => [53, 80, 8015, 8064].map((port) => ({ protocol, address, port }))),
)

const hosts = ['10.0.0.11', '10.0.0.12', '10.0.0.13', 'fd00::11', 'fd00::12'] as Address[]

const anyServer = (address: Address): fc.Arbitrary<RealServer> =>
  fc.record({
    address: fc.constant(address),
    port: fc.constantFrom(0, 80, 8080),
    weight: fc.integer({ min: 0, max: 3 }),
    forwarding: fc.constantFrom('dr' as const, 'nat' as const, 'fullnat' as const, 'tun' as const),
  })

const anyService = (name: string): fc.Arbitrary<Service> =>
  fc
    .record({
      servers: fc.shuffledSubarray(hosts).chain((chosen) => fc.tuple(...chosen.map(anyServer))),
      scheduler: fc.constantFrom('rr' as const, 'wrr' as const),
      stray: fc.constantFrom('reset' as const, 'drop' as const),
    })
    .map((rest) => ({ ...service(name, 80), ...rest }))

/** Services in any order, each with some of the listeners; a listener has one service at most. */
const anyServices: fc.Arbitrary<Service[]> = fc
  .tuple(
    fc.tuple(...['a', 'b', 'c', 'd'].map(anyService)),
    fc.array(fc.nat(5), { minLength: pool.length, maxLength: pool.length }),
    fc.shuffledSubarray([0, 1, 2, 3]),
  )
  .map(([services, owners, order]) =>
    order.flatMap((place) => {
      const own = pool.filter((_, at) => owners[at] === place)
      return own.length === 0 ? [] : [{ ...(services[place] as Service), listeners: own }]
    }),
  )

const ways: readonly (readonly [string, number])[] = [
  ['198.51.100.0', 24],
  ['192.0.2.0', 25],
  ['0.0.0.0', 0],
]

const anyHops: fc.Arbitrary<readonly Hop[]> = fc.subarray([...ways]).chain((chosen) =>
  fc.tuple(
    ...chosen.map(([network, prefix]) =>
      fc.constantFrom(undefined, '02:00:00:00:02:01', '02:00:00:00:02:02').map(
        (mac): Hop => ({
          network: network as Address,
          prefix,
          via: '10.0.0.254' as Address,
          interface: 'eth3',
          ...(mac === undefined ? {} : { mac }),
        }),
      ),
    ),
  ),
)

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    found: fc.subarray(hosts),
    own: fc.subarray(hosts, { maxLength: 1 }),
    nics: fc.shuffledSubarray([3, 4, 5], { minLength: 1 }),
    mtu: fc.constantFrom(1500, 9000),
    hops: anyHops,
  })
  .map(({ found, own, nics, mtu, hops }) => ({
    neighbours: new Map(
      found.map((address, place) => [address, { mac: `02:00:00:00:00:1${place}`, interface: `eth${nics[place % nics.length]}` }]),
    ),
    interfaces: nics.map((ifindex) => ({
      name: `eth${ifindex}`,
      ifindex,
      mac: `02:00:00:00:01:0${ifindex}`,
      mode: 'native' as const,
    })),
    hops: { IPv4: hops, IPv6: undefined },
    egress: new Map([[`eth${nics[0]}`, { mtu, sources: { IPv4: '10.0.0.1' as Address } }]]),
    own: new Set(own),
  }))

export interface Step {
  readonly services: Service[]
  readonly sources: Address[]
  readonly facts: Facts
  /** Writes that are carried out before the controller dies; it lives when there are fewer. */
  readonly killedAfter: number
  readonly swept: boolean
  readonly rested: boolean
}

export const anyStep: fc.Arbitrary<Step> = fc.record({
  services: anyServices,
  sources: fc.subarray(['10.0.0.2', '10.0.0.3', 'fd00::2'] as Address[]),
  facts: anyFacts,
  killedAfter: fc.oneof(fc.nat(60), fc.constant(1000)),
  swept: fc.boolean(),
  rested: fc.boolean(),
})
