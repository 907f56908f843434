// SPDX-License-Identifier: Apache-2.0
// xlvs status
import type { DirectorStatus, TableStatus } from '../director/view.js'
import { type Column, table } from './columns.js'
import { bytes, duration, grouped, percent } from './quantity.js'

type Interface = DirectorStatus['interfaces'][number]

const interfaceColumns: readonly Column<Interface>[] = [
  { title: 'INTERFACE', show: ({ name }) => name },
  { title: 'XDP', show: ({ mode }) => mode },
  { title: 'MAC', show: ({ mac }) => mac },
  { title: 'NOTE', show: ({ reason = '' }) => reason },
]

export function showStatus(status: DirectorStatus): string {
  return [
    `xlvsd ${status.version}, up ${duration(status.uptimeSeconds)}, since ${status.startedAt}\n`,
    showCounts(status),
    table(interfaceColumns, status.interfaces),
    showWarnings(status.warnings),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function showCounts({ services, servers, limits, table, wideTable }: DirectorStatus): string {
  const memory = bytes(table.bytes + wideTable.bytes)
  return [
    `services     ${grouped(services)} of ${grouped(limits.services)}`,
    `servers      ${grouped(servers)} of ${grouped(limits.servers)}`,
    `connections  ${showFill(table)}`,
    ...(wideTable.slots === 0 ? [] : [`wide ones    ${showFill(wideTable)}`]),
    `tables       ${memory}, swept in ${table.lastSweepMilliseconds.toFixed(1)} ms`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function showFill({ slots, used, established, probationary }: TableStatus): string {
  const kinds = `${grouped(established)} established, ${grouped(probationary)} probationary`
  return `${grouped(used)} in ${grouped(slots)} slots (${percent(used, slots)}): ${kinds}`
}

export function showWarnings(warnings: readonly string[]): string {
  return warnings.map((warning) => `warning: ${warning}\n`).join('')
}
