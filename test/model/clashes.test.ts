// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import { clashes } from '../../src/model/clashes.js'
import { isRange, type Listener, listenerName, writtenNetwork } from '../../src/model/listener.js'
import { listeners } from './example.js'

/** `later kind earlier` of each clash between services of one listener each. */
function told(...texts: string[]): string[] {
  const services = texts.map((text) => ({ listeners: listeners(text) }))
  return clashes(services).map(({ claim, holder, kind }) => `${claim.service} ${kind} ${holder.service}`)
}

const ten = 'tcp 203.0.113.10'

// listeners, clashes
const rows: [string, string[], string[]][] = [
  ['the same one', [`${ten}:80`, `${ten}:81`, `${ten}:80`], ['2 same 0']],
  ['the same range', [`${ten}:80-90`, `${ten}:80-90`], ['1 same 0']],
  ['every port twice', [`${ten}:0`, `${ten}:0`], ['1 same 0']],
  ['the same network', ['tcp 203.0.113.0/24:80', 'tcp 203.0.113.0/24:80'], ['1 same 0']],
  ['another protocol', [`${ten}:80`, 'udp 203.0.113.10:80'], []],
  ['a port, a range and all', [`${ten}:85`, `${ten}:80-90`, `${ten}:0`], []],
  ['a range in a range', [`${ten}:80-90`, `${ten}:80-85`, `${ten}:86-90`, `${ten}:82-84`], []],
  ['ranges in a row', [`${ten}:80-84`, `${ten}:85-90`], []],
  ['ranges that share a port', [`${ten}:80-85`, `${ten}:85-90`], ['1 crossing 0']],
  ['the other way round', [`${ten}:85-95`, `${ten}:80-90`], ['1 crossing 0']],
  ['crossing inside another', [`${ten}:1-100`, `${ten}:10-20`, `${ten}:15-25`], ['2 crossing 1']],
  ['a shorter prefix', ['tcp 203.0.113.0/24:80-90', 'tcp 203.0.113.0/25:85-95', `${ten}:88-99`], []],
  ['another address', [`${ten}:80-90`, 'tcp [2001:db8::a]:85-95'], []],
]

for (const [name, texts, expected] of rows) t.test(name, async (t) => t.strictSame(told(...texts), expected))

const anyListener: fc.Arbitrary<Listener> = fc
  .tuple(fc.constantFrom('203.0.113.0/31', '203.0.113.0'), fc.constantFrom('tcp', 'udp'), fc.nat(6), fc.nat(6))
  .map(([network, protocol, a, b]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    return listeners(`${protocol} ${network}:${low === 0 || low === high ? low : `${low}-${high}`}`)[0] as Listener
  })

/** Neither contains the other, and they meet. */
function cross(a: Listener, b: Listener): boolean {
  const [first, second] = a.firstPort < b.firstPort ? [a, b] : [b, a]
  return first.firstPort < second.firstPort && second.firstPort <= first.lastPort && first.lastPort < second.lastPort
}

function clash(a: Listener, b: Listener): boolean {
  if (listenerName(a) === listenerName(b)) return true
  const same = a.protocol === b.protocol && writtenNetwork(a) === writtenNetwork(b)
  return same && isRange(a) && isRange(b) && cross(a, b)
}

t.test('any listeners clash exactly when two of them do', async (t) => {
  const holds = fc.property(fc.array(anyListener, { maxLength: 8 }), (all) => {
    const found = clashes(all.map((listener) => ({ listeners: [listener] })))
    const any = all.some((one, place) => all.some((other, before) => before < place && clash(one, other)))
    return (
      found.length > 0 === any &&
      found.every(({ claim, holder }) => clash(claim.listener, holder.listener) && claim.service > holder.service)
    )
  })
  t.doesNotThrow(() => void fc.assert(holds, { numRuns: 2000 }))
})
