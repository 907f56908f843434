// SPDX-License-Identifier: Apache-2.0
// xlvs status
import type { DirectorStatus } from '../director/view.js'
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

function showCounts({
  services,
  servers,
  limits,
  table: { slots, used, established, probationary, ...sizes },
}: DirectorStatus): string {
  return [
    `services     ${grouped(services)} of ${grouped(limits.services)}`,
    `servers      ${grouped(servers)} of ${grouped(limits.servers)}`,
    `connections  ${grouped(used)} in ${grouped(slots)} slots (${percent(used, slots)}): ${grouped(established)} established, ${grouped(probationary)} probationary`,
    `table        ${bytes(sizes.bytes)}, swept in ${sizes.lastSweepMilliseconds.toFixed(1)} ms`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

export function showWarnings(warnings: readonly string[]): string {
  return warnings.map((warning) => `warning: ${warning}\n`).join('')
}
