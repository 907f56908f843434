// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { isWaiting, type Neighbour, type Path, resolvedOf, step, unknown } from '../../src/neighbours/neighbour.js'

const path: Path = { interface: 'eth1', source: '10.0.0.2' as Address, mac: '02:00:00:00:00:02' }
const mac = '02:00:00:00:00:11'
const other = '02:00:00:00:00:99'
const refresh = 1500
const resolved: Neighbour = { phase: 'resolved', path, mac, silent: 0, next: 1500 }

/**
 * A server's life in quarters of a second. `answers`: `.` it answers what it is asked, `x` it is silent.
 * `asked`: `u` its own MAC address was asked, `b` everybody, `-` nobody. `known`: `+` resolved, `-` not.
 */
function live(start: Neighbour, answers: string): { asked: string; known: string } {
  let state = start
  let asked = ''
  let known = ''
  for (const [quarter, answer] of [...answers].entries()) {
    const now = quarter * 250
    const isDue = state.phase !== 'unreachable' && state.next <= now
    const { effects, ...after } = isDue ? step(state, { kind: 'due', now }) : { state, effects: [] }
    state = after.state
    const question = effects.find((effect) => effect.kind === 'ask')
    asked += question ? (question.to === undefined ? 'b' : 'u') : '-'
    if (question && answer === '.') state = step(state, { kind: 'heard', interface: 'eth1', mac, now, refresh }).state
    known += resolvedOf(state) ? '+' : '-'
  }
  return { asked, known }
}

const searching = step(unknown, { kind: 'path', path, now: 0 }).state

//  name                                          start      answers                    asked                      known
const lives: [string, Neighbour, string, string, string][] = [
  ['found at once, asked every 1.5 s', searching, '.............', 'b-----u-----u', '+++++++++++++'],
  ['hurried at first, then once a second', searching, 'xxxxxxxxxxxxx', 'bbbbb---b---b', '-------------'],
  ['found when it starts', searching, 'xx...........', 'bbb-----u----', '--+++++++++++'],
  ['two silences are forgiven', resolved, 'xxxxxxxxxx.......', '------u-u-b-----u', '+++++++++++++++++'],
  ['lost after 4 s, and searched', resolved, 'xxxxxxxxxxxxxxxxxxx', '------u-u-b-b-b-bbb', '++++++++++++++++---'],
]
for (const [name, start, answers, asked, known] of lives)
  t.test(name, async (t) => t.strictSame(live(start, answers), { asked, known }))

t.test('who answers from another MAC address is there now', async (t) => {
  const { state, effects } = step(resolved, { kind: 'heard', interface: 'eth1', mac: other, now: 10, refresh })
  t.strictSame(resolvedOf(state), { mac: other, interface: 'eth1' })
  t.strictSame(effects, [{ kind: 'changed' }])
})

t.test('the same answer again is no news', async (t) => {
  const { state, effects } = step(resolved, { kind: 'heard', interface: 'eth1', mac, now: 1600, refresh })
  t.strictSame(state, { ...resolved, next: 3100 })
  t.strictSame(effects, [])
})

t.test('ARP on another interface says nothing', async (t) => {
  t.strictSame(step(resolved, { kind: 'heard', interface: 'eth2', mac: other, now: 10, refresh }), {
    state: resolved,
    effects: [],
  })
})

t.test('nobody is asked, and nobody believed, where no interface leads', async (t) => {
  const lost = step(resolved, { kind: 'path', path: 'no way', now: 10 })
  t.strictSame(lost.state, { phase: 'unreachable', reason: 'no way' })
  t.strictSame(lost.effects, [{ kind: 'changed' }, { kind: 'warn', reason: 'no way' }])
  t.strictSame(step(lost.state, { kind: 'due', now: 20 }).effects, [])
  t.strictSame(step(lost.state, { kind: 'heard', interface: 'eth1', mac, now: 20, refresh }).state, lost.state)
  t.strictSame(step(lost.state, { kind: 'path', path: 'no way', now: 20 }).effects, [], 'a reason is given once')
  t.strictSame(step(lost.state, { kind: 'path', path: 'gone', now: 20 }).effects, [{ kind: 'warn', reason: 'gone' }])
  t.match(step(searching, { kind: 'path', path: 'no way', now: 10 }).effects, [{ kind: 'warn' }], 'nothing was known')
})

t.test('the way changes', async (t) => {
  t.strictSame(step(resolved, { kind: 'path', path: { ...path }, now: 10 }), { state: resolved, effects: [] }, 'the same way')
  const moved = { ...path, mac: other }
  const again = step(resolved, { kind: 'path', path: moved, now: 10 })
  t.strictSame(
    again,
    { state: { ...resolved, path: moved, next: 10 }, effects: [] },
    'same interface: asked at once, still believed',
  )
  const elsewhere = { ...path, interface: 'eth2' }
  const search = { phase: 'searching', path: elsewhere, asked: 0, next: 10 }
  t.strictSame(step(resolved, { kind: 'path', path: elsewhere, now: 10 }), { state: search, effects: [{ kind: 'changed' }] })
  t.strictSame(step(searching, { kind: 'path', path: elsewhere, now: 10 }), { state: search, effects: [] })
  const renumbered = { ...path, source: '10.0.0.3' as Address }
  t.match(step(searching, { kind: 'path', path: renumbered, now: 10 }).state, { phase: 'searching', path: renumbered, next: 10 })
})

t.test('an answer is waited for by whoever was asked', async (t) => {
  t.equal(isWaiting(searching), true)
  t.equal(isWaiting(resolved), false)
  t.equal(isWaiting(step(resolved, { kind: 'due', now: 1500 }).state), true)
  t.equal(isWaiting(unknown), false)
})
