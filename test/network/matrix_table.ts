// SPDX-License-Identifier: Apache-2.0
// The matrix as the README shows it.
import type { Protocol } from '../../src/model/desired.js'
import { type Cell, cells, type Hole, holeAt, type Way, ways } from './matrix.js'

//                    heading              which cells
const columns: readonly (readonly [string, (cell: Cell) => boolean])[] = [
  ['one-armed', ({ stand, kind }) => stand === 'one-arm' && kind === 'plain'],
  ['two-armed', ({ stand, kind }) => stand === 'two-arm' && kind === 'plain'],
  ['beyond a router', ({ stand, kind }) => stand === 'remote' && kind === 'plain'],
  ['VLAN tags, one or two', ({ kind }) => kind === 'one VLAN tag' || kind === 'two VLAN tags'],
  ['fragments', ({ kind }) => kind === 'fragments'],
  ['ICMP errors', ({ kind }) => kind === 'ICMP errors'],
]

const [begin, end] = ['<!-- matrix -->', '<!-- /matrix -->']

/** The README with the table as it is now. Throws where the marks of its place are missing. */
export function withTable(readme: string): string {
  const [before, rest] = cut(readme, begin)
  const [, after] = cut(rest, end)
  return `${before}${begin}\n${table()}\n${end}${after}`
}

function cut(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`the README has no ${mark}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}

/** A row for each way, TCP and UDP in its columns; at the end those that are always refused; then the reasons, by number. */
function table(): string {
  const reasons: string[] = []
  const numberOf = ({ reason }: Hole): string => {
    if (!reasons.includes(reason)) reasons.push(reason)
    return `no (${reasons.indexOf(reason) + 1})`
  }
  const rows = ways.filter((way) => !refusalOf(way)).map((way) => rowOf(way, numberOf))
  const refused = ways.filter((way) => refusalOf(way))
  const names = [...new Set(refused.map(({ forwarding }) => `\`${forwarding}\``))].join(', ')
  const always = numberOf(refusalOf(refused[0] as Way) as Hole)
  const last = [names, 'either', 'the other', ...columns.map(() => always), always]
  const heads = ['forwarding', 'VIP', 'servers', ...columns.map(([heading]) => heading), 'SCTP']
  const lines = [heads, heads.map(() => '---'), ...rows, last].map((row) => `| ${row.join(' | ')} |`)
  return [...lines, '', ...reasons.map((reason, place) => `${place + 1}. ${reason}`)].join('\n')
}

function rowOf(way: Way, numberOf: (hole: Hole) => string): string[] {
  const of = (...wanted: Protocol[]) => cellsOf(way).filter(({ protocol }) => wanted.includes(protocol))
  const entries = columns.map(([, chosen]) => summary(of('tcp', 'udp').filter(chosen), numberOf))
  const sctp = of('sctp').filter(({ kind }) => kind === 'plain')
  return [`\`${way.forwarding}\``, way.vip, way.server, ...entries, summary(sctp, numberOf)]
}

function cellsOf({ forwarding, vip, server }: Way): Cell[] {
  return cells.filter((cell) => cell.forwarding === forwarding && cell.vip === vip && cell.server === server)
}

/** Why a way is none, whatever is sent on it. */
function refusalOf(way: Way): Hole | undefined {
  const [first, ...rest] = cellsOf(way).map(holeAt)
  return first && rest.every((hole) => hole?.refused && hole.reason === first.reason) ? first : undefined
}

/** `yes`, or what does not pass and why; a protocol passes that does wherever servers can be. */
function summary(some: readonly Cell[], numberOf: (hole: Hole) => string): string {
  const found = [...new Set(some.map(({ protocol }) => protocol))].map((protocol) => {
    const holes = some.filter((cell) => cell.protocol === protocol).map(holeAt)
    return { name: protocol.toUpperCase(), hole: holes.every((hole) => hole) ? holes[0] : undefined }
  })
  if (found.every(({ hole }) => !hole)) return 'yes'
  const [first] = found
  if (first?.hole && found.every(({ hole }) => hole?.reason === first.hole?.reason)) return numberOf(first.hole)
  return found.map(({ name, hole }) => (hole ? `${name}: ${numberOf(hole)}` : `${name}: yes`)).join(', ')
}
