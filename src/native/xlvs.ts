// SPDX-License-Identifier: Apache-2.0
// native/ as TypeScript sees it; native/shim.h and native/listeners.h say what each call does.
import ffi from 'ffi-napi'
import ref from 'ref-napi'
import { viewOf } from '../abi/codec.js'
import { Carried, Interface, Link, type Mode } from '../abi/native.js'
import { check, type Handle, promised, xlvsPath } from './library.js'

const xlvs = ffi.Library(xlvsPath, {
  xlvs_map_memory: ['int', ['int', 'uint64', 'byte*']],
  xlvs_map_update: ['int', ['int', 'byte*', 'byte*', 'uint32', 'uint32', 'uint32']],
  xlvs_map_delete: ['int', ['int', 'byte*', 'uint32', 'uint32']],
  xlvs_map_entries: ['int', ['int', 'byte*', 'byte*', 'uint32']],
  xlvs_percpu_sums: ['int', ['int', 'uint32', 'uint32', 'uint32', 'byte*']],
  xlvs_percpu_clear: ['int', ['int', 'byte*', 'uint32', 'uint32']],
  xlvs_listener_put: ['int', ['uint64', 'byte*', 'byte*', 'byte*']],
  xlvs_listener_remove: ['int', ['uint64', 'byte*', 'byte*']],
  xlvs_wide_listener_put: ['int', ['uint64', 'byte*', 'byte*', 'byte*']],
  xlvs_wide_listener_remove: ['int', ['uint64', 'byte*', 'byte*']],
  xlvs_link_create: ['int', ['int', 'int', 'uint32']],
  xlvs_link_update: ['int', ['int', 'int']],
  xlvs_link_detach: ['int', ['int']],
  xlvs_link_read: ['int', ['int', 'byte*']],
  xlvs_interface_program: ['int', ['int', 'byte*']],
  xlvs_indices_named: ['void', ['uint64', 'uint32', 'uint64', 'uint32', 'byte*', 'byte*']],
  xlvs_interface_read: ['int', ['string', 'byte*']],
  xlvs_constant_set: ['int', ['uint64', 'string', 'byte*', 'uint32']],
  xlvs_prog_run: ['int', ['int', 'byte*', 'uint32', 'byte*', 'uint32', 'byte*', 'byte*', 'uint32']],
  xlvs_grace: ['int', []],
  xlvs_lock: ['int', ['int']],
  xlvs_mount_bpf: ['int', ['string']],
  xlvs_log_capture: ['void', []],
  xlvs_log_take: ['int', ['byte*', 'uint32']],
  xlvs_close: ['int', ['int']],
})

export function close(descriptor: number): void {
  check(xlvs.xlvs_close(descriptor), 'close a descriptor')
}

/** An mmapable array's memory, and where it is. It stays mapped until the process ends. */
export interface MapMemory {
  readonly address: Handle
  readonly length: number
  /** The memory itself; up to 1 GiB. */
  bytes(): Buffer
}

/** An array of lines, and how many lines it has. */
export interface Lines {
  readonly memory: MapMemory
  readonly count: number
}

export function mapMemory(map: number, length: number): MapMemory {
  const pointer = Buffer.alloc(8)
  check(xlvs.xlvs_map_memory(map, length, pointer), 'map an array into memory')
  const bytes = () => ref.readPointer(pointer, 0, length)
  return { address: Number(pointer.readBigUInt64LE()), length, bytes }
}

/** Every key and value has the same size, so that `count` follows. */
export function updateHash(map: number, keys: Buffer, values: Buffer, count: number): void {
  if (count === 0) return
  const sizes = [keys.length / count, values.length / count] as const
  check(xlvs.xlvs_map_update(map, keys, values, ...sizes, count), `put ${count} entries into a map`)
}

export function deleteFromHash(map: number, keys: Buffer, count: number): void {
  if (count > 0) check(xlvs.xlvs_map_delete(map, keys, keys.length / count, count), `delete ${count} entries from a map`)
}

/** A whole hash map; `capacity` is its max_entries. */
export function readHash(map: number, keySize: number, valueSize: number, capacity: number) {
  // One place more, so that a full map is told from one that holds more.
  const keys = Buffer.alloc((capacity + 1) * keySize)
  const values = Buffer.alloc((capacity + 1) * valueSize)
  const count = check(xlvs.xlvs_map_entries(map, keys, values, capacity + 1), 'read a map')
  return { keys, values, count }
}

/** Elements [first, first + count) of a per-CPU array summed over CPUs, `words` sums each. */
export function sumOverCpus(map: number, first: number, count: number, words: number): BigUint64Array {
  const sums = new BigUint64Array(count * words)
  if (count > 0) check(xlvs.xlvs_percpu_sums(map, first, count, words, Buffer.from(sums.buffer)), 'read counters')
  return sums
}

/** Counters of any number of indices, by one call. */
export function clearOnCpus(map: number, indices: readonly number[], words: number): void {
  if (indices.length === 0) return
  const list = Buffer.from(Uint32Array.from(indices).buffer)
  check(xlvs.xlvs_percpu_clear(map, list, indices.length, words), 'clear counters')
}

/** Adds a listener, or gives it another value: structs as bytes. ENOSPC: both of its lines are full. */
export function putListener(lines: MapMemory, identity: Buffer, key: Buffer, value: Buffer): void {
  check(xlvs.xlvs_listener_put(lines.address, identity, key, value), 'add a listener')
}

/** ENOENT: it is not there. */
export function removeListener(lines: MapMemory, identity: Buffer, key: Buffer): void {
  check(xlvs.xlvs_listener_remove(lines.address, identity, key), 'remove a listener')
}

/** The same for IPv6: the bytes of a WideListenerKey. */
export function putWideListener(lines: MapMemory, identity: Buffer, key: Buffer, value: Buffer): void {
  check(xlvs.xlvs_wide_listener_put(lines.address, identity, key, value), 'add a listener')
}

export function removeWideListener(lines: MapMemory, identity: Buffer, key: Buffer): void {
  check(xlvs.xlvs_wide_listener_remove(lines.address, identity, key), 'remove a listener')
}

/** Attaches a program; the link lives as long as its descriptor or its pin. EBUSY: another program is there. */
export function createLink(program: number, ifindex: number, mode: Mode): number {
  return check(xlvs.xlvs_link_create(program, ifindex, mode), 'attach')
}

export function updateLink(link: number, program: number): void {
  check(xlvs.xlvs_link_update(link, program), 'swap the program on a link')
}

/** Takes the program off the interface, now; a link without its interface has none to take off. */
export function detachLink(link: number): void {
  check(xlvs.xlvs_link_detach(link), 'detach a link')
}

/** Where a link leads; interface 0: its interface is gone. */
export function readLink(link: number): Link {
  const found = Buffer.alloc(Link.size)
  check(xlvs.xlvs_link_read(link, found), 'read a link')
  return Link.read(viewOf(found))
}

/** The XDP program on an interface; program 0: none. */
export function interfaceProgram(ifindex: number): Carried {
  const found = Buffer.alloc(Carried.size)
  check(xlvs.xlvs_interface_program(ifindex, found), 'ask for the XDP program of an interface')
  return Carried.read(viewOf(found))
}

/** An interface of this network namespace. ENODEV: there is none of that name. */
export function readInterface(name: string): Interface {
  const found = Buffer.alloc(Interface.size)
  check(xlvs.xlvs_interface_read(name, found), `look for the interface ${name}`)
  return Interface.read(viewOf(found))
}

/** The listener and server indices that a slot of either connection table names, as bitmaps of 65,536 bits. */
export function namedIndices(connections: Lines, wideConnections: Lines): { listeners: Buffer; servers: Buffer } {
  const found = { listeners: Buffer.alloc(65536 / 8), servers: Buffer.alloc(65536 / 8) }
  const narrow = [connections.memory.address, connections.count] as const
  const wide = [wideConnections.memory.address, wideConnections.count] as const
  xlvs.xlvs_indices_named(...narrow, ...wide, found.listeners, found.servers)
  return found
}

export function setConstant(object: Handle, name: string, value: Buffer): void {
  check(xlvs.xlvs_constant_set(object, name, value, value.length), `set the constant ${name}`)
}

/** What a program made of a packet: its verdict (an XDP action) and the packet as it left it. */
export interface Run {
  readonly verdict: number
  readonly packet: Buffer
}

/** BPF_PROG_RUN. `ifindex` is where the packet seems to come from, an interface with native XDP; 0: the loopback device. */
export function runProgram(program: number, packet: Uint8Array, ifindex = 0): Run {
  const input = Buffer.from(packet)
  const output = Buffer.alloc(input.length + 512)
  const length = Buffer.alloc(4)
  const verdict = Buffer.alloc(4)
  check(xlvs.xlvs_prog_run(program, input, input.length, output, output.length, length, verdict, ifindex), 'run a program')
  return { verdict: verdict.readUInt32LE(), packet: output.subarray(0, length.readUInt32LE()) }
}

/** An RCU grace period, waited for on the thread pool: every packet that was in a program has left it. */
export async function grace(): Promise<void> {
  check(await promised<number>((done) => xlvs.xlvs_grace.async(done)), 'wait for a grace period')
}

/** True when the advisory lock is ours now; it goes with the descriptor. */
export function tryLock(descriptor: number): boolean {
  const result = xlvs.xlvs_lock(descriptor)
  return result !== -11 && check(result, 'lock') === 0
}

export function mountBpf(path: string): void {
  check(xlvs.xlvs_mount_bpf(path), `mount a BPF file system at ${path}`)
}

/** libbpf's warnings are kept from the start, for the errors that they explain. */
xlvs.xlvs_log_capture()

export function takeLog(): string {
  const text = Buffer.alloc(64 * 1024)
  return text.toString('utf8', 0, xlvs.xlvs_log_take(text, text.length)).trimEnd()
}
