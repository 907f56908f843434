// SPDX-License-Identifier: Apache-2.0
// A director without interfaces: the packet program over maps of its own that are pinned nowhere, so that nothing is left behind
// however a test ends; configured by the product's own code, fed by BPF_PROG_RUN.
import { fileURLToPath } from 'node:url'
import { encode, macText } from '../../src/abi/codec.js'
import {
  AbiLimit,
  Block,
  ConnectionLine,
  ConnectionState,
  Hops,
  Identity,
  Interface,
  ListenerLine,
  ListenerPlace,
  ListenerSlot,
  Load,
  Outcome,
  RingLine,
  Server,
  Service,
  Settings,
  SourcePort,
  WideLine,
  WideListenerLine,
} from '../../src/abi/layout.js'
import { parseDesired } from '../../src/config/parse.js'
import type { Load as Counts, SweepReport, Traffic } from '../../src/director/ports.js'
import { createDataPlane } from '../../src/effects/data_plane.js'
import { type Maps, openMaps } from '../../src/effects/maps.js'
import { strideOf } from '../../src/effects/memory.js'
import { entriesFor, type Limits, linesFor, listenerLinesFor, type MapName } from '../../src/effects/sizes.js'
import type { Address } from '../../src/model/desired.js'
import type { Attached, Egress, Facts, Hop } from '../../src/model/facts.js'
import { BpfObject, update } from '../../src/native/libbpf.js'
import { clearOnCpus, mapMemory, runProgram, sumOverCpus } from '../../src/native/xlvs.js'
import type { Actual } from '../../src/reconcile/actual.js'
import { afterGrace, afterSweep } from '../../src/reconcile/aftermath.js'
import { plan } from '../../src/reconcile/plan.js'
import { blank } from '../reconcile/maps.js'
import { ConnectionTable, type StateName } from './connection_table.js'
import { DIRECTOR, type Frame } from './frame.js'
import { configurationOf, type Given, type GivenHop, type InterfaceName } from './given.js'
import { type Leftovers, leftoversOf } from './leftovers.js'
import { emptyScene, type Scene, sceneOf, stations } from './scene.js'
import { outcomeNames, type Verdict, verdictOf } from './verdict.js'

/** XLVS_PACKET_PROGRAM: another build of the program, to see that a test notices what is wrong with it. */
const objectPath = process.env.XLVS_PACKET_PROGRAM ?? fileURLToPath(new URL('../../../director.bpf.o', import.meta.url))

/** BPF_PROG_RUN's packets come from the loopback device unless somebody says otherwise. */
const LOOPBACK = 1
/** An ifindex that no device has. */
const NOBODY = 0x7fffffff

export const OTHER = '02:00:00:00:00:02'

const attached: readonly (Attached & { readonly name: InterfaceName })[] = [
  { name: 'in', ifindex: LOOPBACK, mac: DIRECTOR, mode: 'native' },
  { name: 'other', ifindex: NOBODY, mac: OTHER, mode: 'native' },
  { name: 'gone', ifindex: NOBODY - 1, mac: '02:00:00:00:00:03', mode: 'native' },
]
const own: ReadonlySet<Address> = new Set(Object.values(stations).flatMap(({ addresses }) => addresses as readonly Address[]))
const otherIndex = attached.findIndex(({ name }) => name === 'other')

const small: Limits = { connections: 1024, wideConnections: 1024, services: 64, servers: 256, ringSlots: 65_536, sources: 4 }

/** Arrays that a test leaves something in, and the size of their elements. */
const arrays: Partial<Record<MapName, number>> = {
  connections: ConnectionLine.size,
  wide_connections: WideLine.size,
  wide_listeners: WideListenerLine.size,
  listener_places: ListenerPlace.size,
  blocks: Block.size,
  hops: Hops.size,
  source_ports: SourcePort.size,
  services: Service.size,
  servers: Server.size,
  listeners: ListenerLine.size,
  rings: RingLine.size,
  loads: Load.size,
  interfaces: Interface.size,
  settings: Settings.size,
}

/** Always the same, so that a flow is always in the same place. The second and third are odd. */
const seeds = [0x9d8f3c1b57e2a046n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n]

const none: Traffic = { packets: 0n, bytes: 0n, connections: 0n, replyPackets: 0n, replyBytes: 0n }

export class Director {
  readonly connections: ConnectionTable
  private readonly dataPlane: ReturnType<typeof createDataPlane>
  private actual: Actual = blank
  /** What it was configured with. */
  scene: Scene = emptyScene
  private counted: BigUint64Array

  private constructor(
    readonly maps: Maps,
    private readonly program: number,
    private readonly limits: Limits,
    private readonly memories: ReadonlyMap<string, Buffer>,
    private readonly leftovers: Leftovers,
  ) {
    this.dataPlane = createDataPlane(maps)
    this.connections = new ConnectionTable(
      maps,
      memories.get('connections') as Buffer,
      memories.get('wide_connections') as Buffer,
    )
    this.counted = this.counters()
  }

  /** Loads the program anew; many tests may use it, one after another. */
  static load(some: Partial<Limits> = {}): Director {
    const limits = { ...small, ...some }
    const object = new BpfObject(objectPath)
    for (const [name, entries] of entriesFor(limits)) object.setEntries(name, entries)
    const lines = {
      lines: linesFor(limits.connections),
      wideLines: linesFor(limits.wideConnections),
      listenerLines: listenerLinesFor(limits),
      wideListenerLines: listenerLinesFor(limits),
    }
    const identity: Identity = { version: AbiLimit.ABI_VERSION, ...lines, seeds }
    object.setConstant('identity', encode(Identity, identity))
    object.load()
    const memories = Object.entries(arrays).map(([name, size]): [string, Buffer] => {
      const memory = mapMemory(object.mapDescriptor(name), strideOf(size) * object.entries(name))
      return [name, memory.bytes()]
    })
    const program = object.programDescriptor('director')
    return new Director(openMaps({ object, identity }), program, limits, new Map(memories), leftoversOf(object))
  }

  /** As after a fresh start: no service, no connection, no count. */
  reset(): void {
    this.dataPlane.write([...this.actual.vips.values()].map((entry) => ({ kind: 'removeVip', entry })))
    this.dataPlane.write([...this.actual.ports.values()].map((entry) => ({ kind: 'removePort', entry })))
    clearOnCpus(this.maps.descriptor('server_traffic'), [...this.actual.servers.keys()], 5)
    clearOnCpus(this.maps.descriptor('service_traffic'), [...this.actual.schedules.keys()], 5)
    for (const memory of this.memories.values()) memory.fill(0)
    this.leftovers.forget()
    this.scene = emptyScene
    this.actual = blank
  }

  /** Makes the maps say this; what they said before and this does not is removed, as by the controller. */
  configure(given: readonly Given[]): void {
    this.scene = sceneOf(given, this.scene)
    const { file, found, hops, mtus } = configurationOf(given, this.limits)
    const facts: Facts = {
      neighbours: new Map(found.map((server) => [server.address as Address, server])),
      interfaces: attached,
      hops: { IPv4: hops.IPv4.map(asHop), IPv6: hops.IPv6.map(asHop) },
      egress: new Map(attached.map(({ name }) => [name, egressOf(name, mtus[name])])),
      own,
    }
    const { writes, next } = plan(parseDesired(file), facts, this.actual)
    this.dataPlane.write(writes)
    // No packet is under way between two runs of the program.
    this.actual = afterGrace(next, next.resting)
    // BPF_PROG_RUN carries no redirect out: that there is some device is enough.
    update(this.maps.descriptor('egress'), word(otherIndex), word(LOOPBACK))
  }

  /** Gives the program a packet; throws when what it did is not what its outcome says. */
  send(sent: Frame | Buffer): Verdict {
    const bytes = Buffer.isBuffer(sent) ? sent : sent.bytes()
    const { verdict, packet } = runProgram(this.program, bytes)
    const before = this.counted
    this.counted = this.counters()
    const counted = outcomeNames.map((name) => [name, this.difference(before, Outcome[name])] as const)
    const unfinished = ['CONTINUE', this.difference(before, Outcome.CONTINUE)] as const
    return verdictOf(bytes, verdict, packet, new Map([...counted, unfinished]), this.scene)
  }

  /** The same packet again and again, whatever becomes of it: so quickly that it stays on one processor. */
  repeat(sent: Frame, times: number): void {
    const bytes = sent.bytes()
    for (let time = 0; time < times; time++) runProgram(this.program, bytes)
    this.counted = this.counters()
  }

  private difference(before: BigUint64Array, outcome: number): bigint {
    return (this.counted[outcome] as bigint) - (before[outcome] as bigint)
  }

  private counters(): BigUint64Array {
    return sumOverCpus(this.maps.descriptor('outcomes'), 0, Outcome.OUTCOMES, 1)
  }

  /** The address of the server that a packet was sent to. */
  serverOf({ packet }: Verdict): string | undefined {
    const mac = macText([...packet.subarray(0, 6)])
    return [...this.actual.servers.values()].find(({ route }) => route?.mac === mac)?.address
  }

  /** Connections by server, in the order of their indices. */
  loads(): Counts[] {
    return [...this.actual.servers.keys()].sort((a, b) => a - b).map((index) => this.dataPlane.load(index))
  }

  /** Counters of the servers, in the same order. */
  serverTraffic(): Traffic[] {
    const { servers } = this.dataPlane.counters()
    return [...this.actual.servers.keys()].sort((a, b) => a - b).map((index) => servers.get(index) ?? none)
  }

  /** Counters of the services, in their order. */
  serviceTraffic(): Traffic[] {
    const { services } = this.dataPlane.counters()
    return [...this.actual.schedules.keys()].sort((a, b) => a - b).map((index) => services.get(index) ?? none)
  }

  /** The line of the listener table that each listener is in. */
  listenerLines(): number[] {
    const memory = this.memories.get('listeners') as Buffer
    const slots = Array.from({ length: memory.length / ListenerSlot.size }, (_, slot) => slot)
    return slots
      .filter((slot) => memory.readBigUInt64LE(slot * ListenerSlot.size) !== 0n)
      .map((slot) => Math.floor(slot / AbiLimit.SLOTS_PER_LINE))
  }

  /** What is wrong with the servers' counts: each must be what the table's entries add up to. */
  miscounted(): string[] {
    const tally = this.connections.tally()
    const faults: string[] = []
    for (let index = 0; index < this.maps.loads.entries; index++) {
      const { active, inactive } = this.dataPlane.load(index)
      const expected = tally.get(index) ?? { active: 0, inactive: 0 }
      if (active !== expected.active || inactive !== expected.inactive)
        faults.push(`server ${index} counts ${active}+${inactive}, the table has ${expected.active}+${expected.inactive}`)
    }
    return faults
  }

  /** Seconds after which an entry is over, by its state. */
  timeouts(): Readonly<Record<StateName, number>> {
    const { timeouts } = this.maps.settings.read(0)
    const named = Object.entries(ConnectionState).map(([name, number]) => [name.replace('STATE_', ''), timeouts[number]])
    return Object.fromEntries(named) as Record<StateName, number>
  }

  /** Turns the schedules off and nothing else: what a controller leaves that dies while it adds a service. */
  turnOff(): void {
    for (const service of this.actual.schedules.keys()) this.dataPlane.write([{ kind: 'turnOn', service, line: 0 }])
  }

  /** As the controller does once a second; returns what it saw. */
  async sweep(): Promise<SweepReport> {
    const { retired } = this.actual
    const report = await this.dataPlane.sweep(retired)
    const { writes, next } = afterSweep(this.actual, retired)
    this.dataPlane.write(writes)
    this.actual = next
    return report
  }

  /** A server gets nothing new, and the rings are as they were: what packets meet while a change is being written. */
  quiesce(address: string): void {
    for (const entry of this.actual.servers.values())
      if (entry.address === address) this.dataPlane.write([{ kind: 'server', entry: { ...entry, eligible: false } }])
  }

  /** The second that entries are judged by, bpf/clock.h's. */
  async second(): Promise<number> {
    return (await this.maps.table.scan({ client: [], listener: 0, server: 0 }, BigInt(this.maps.slots + this.maps.wideSlots), 1))
      .now
  }

  /** Lets `seconds` pass: everything that bears a second becomes so much older. */
  age(seconds: number): void {
    this.connections.age(seconds)
    this.leftovers.age(seconds)
    for (let index = 1; index < this.maps.services.entries; index++) {
      const service = this.maps.services.read(index)
      if (service.overflowed !== 0)
        this.maps.services.write(index, { ...service, overflowed: (service.overflowed - seconds) >>> 0 })
    }
  }
}

function asHop({ network, prefix, mac, interface: name }: GivenHop): Hop {
  return { network: network as Address, prefix, via: network as Address, interface: name, mac }
}

function egressOf(name: InterfaceName, mtu = 0): Egress {
  const [IPv4, IPv6] = stations[name].addresses as readonly [Address, Address]
  return { mtu, sources: { IPv4, IPv6 } }
}

function word(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}
