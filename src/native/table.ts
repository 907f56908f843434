// SPDX-License-Identifier: Apache-2.0
// The connection tables' sweep and scan, on the thread pool; native/table.h says what each does.
import ffi from 'ffi-napi'
import { decodeAll, encode, viewOf } from '../abi/codec.js'
import { Connection, Filter, SweepReport } from '../abi/native.js'
import { check, NativeError, promised, xlvsPath } from './library.js'
import type { Lines, MapMemory } from './xlvs.js'

const xlvs = ffi.Library(xlvsPath, {
  xlvs_table_open: ['uint64', ['uint64', 'uint32', 'uint64', 'uint32', 'uint64', 'uint32', 'uint64']],
  xlvs_table_sweep: ['int', ['uint64', 'byte*', 'byte*', 'byte*']],
  xlvs_table_scan: ['int64', ['uint64', 'byte*', 'byte*', 'byte*', 'uint32', 'byte*']],
})

const end = 0xffff_ffff_ffff_ffffn

/** Entries of both tables, the second to judge their age by, and the slot to go on from unless that was the last. */
export interface Scan {
  readonly connections: readonly Connection[]
  readonly now: number
  readonly next?: bigint
}

export interface Table {
  /** Bitmaps of 65,536 bits, or null for no index. One sweep at a time, else EBUSY. */
  sweep(retiredListeners: Buffer | null, retiredServers: Buffer | null): Promise<SweepReport>
  scan(filter: Filter, from: bigint, limit: number): Promise<Scan>
}

/** What the tables are made of, and the counts of servers that both share. */
export interface TableMaps {
  readonly connections: Lines
  readonly wideConnections: Lines
  readonly loads: MapMemory
  readonly settings: MapMemory
}

/** The maps' memory stays mapped for as long as the process runs, and so does the table. `servers`: as many as `loads` has. */
export function openTable({ connections, wideConnections, loads, settings }: TableMaps, servers: number): Table {
  const narrow = [connections.memory.address, connections.count] as const
  const wide = [wideConnections.memory.address, wideConnections.count] as const
  const table = Number(xlvs.xlvs_table_open(...narrow, ...wide, loads.address, servers, settings.address))
  if (table === 0) throw new NativeError('open the connection tables', -12)
  return { sweep: (listeners, servers) => sweep(table, listeners, servers), scan: (...query) => scan(table, ...query) }
}

async function sweep(table: number, retiredListeners: Buffer | null, retiredServers: Buffer | null): Promise<SweepReport> {
  const report = Buffer.alloc(SweepReport.size)
  const result = await promised<number>((done) =>
    xlvs.xlvs_table_sweep.async(table, retiredListeners, retiredServers, report, done),
  )
  check(result, 'sweep the connection tables')
  return SweepReport.read(viewOf(report))
}

async function scan(table: number, filter: Filter, from: bigint, limit: number): Promise<Scan> {
  const cursor = Buffer.alloc(8)
  cursor.writeBigUInt64LE(from)
  const found = Buffer.alloc(Connection.size * limit)
  const now = Buffer.alloc(4)
  const asked = encode(Filter, filter)
  const count = Number(
    await promised<number | string>((done) => xlvs.xlvs_table_scan.async(table, asked, cursor, found, limit, now, done)),
  )
  const next = cursor.readBigUInt64LE()
  const result = { connections: decodeAll(Connection, found, count), now: now.readUInt32LE() }
  return next === end ? result : { ...result, next }
}
