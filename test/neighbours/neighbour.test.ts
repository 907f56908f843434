// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { isWaiting, type Neighbour, type Path, resolvedOf, step, unknown } from '../../src/neighbours/neighbour.js'

const path: Path = { interface: 'eth1', asker: '10.0.0.2' as Address, mac: '02:00:00:00:00:02' }
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
    const isDue = state.next <= now
    const { effects, ...after } = isDue ? step(state, { kind: 'due', now }) : { state, effects: [] }
    state = after.state
    const question = effects.find((effect) => effect.kind === 'ask')
    asked += question ? (question.to === undefined ? 'b' : 'u') : '-'
    if (question && answer === '.') state = step(state, { kind: 'heard', mac, overrides: true, now, refresh }).state
    known += resolvedOf(state) ? '+' : '-'
  }
  return { asked, known }
}

const searching = unknown(path, 0)

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
  const { state, effects } = step(resolved, { kind: 'heard', mac: other, overrides: true, now: 10, refresh })
  t.strictSame(resolvedOf(state), { mac: other, interface: 'eth1' })
  t.strictSame(effects, [{ kind: 'changed' }])
})

t.test('the same answer again is no news', async (t) => {
  const { state, effects } = step(resolved, { kind: 'heard', mac, overrides: true, now: 1600, refresh })
  t.strictSame(state, { ...resolved, next: 3100 })
  t.strictSame(effects, [])
})

//  name, state, what a frame said, and where the neighbour is then
const asked = step(resolved, { kind: 'due', now: 1500 }).state
const sayings: [string, Neighbour, { mac?: string; overrides: boolean }, string | undefined][] = [
  ['an advertisement that does not override moves nobody', resolved, { mac: other, overrides: false }, mac],
  ['but confirms who is there', asked, { mac, overrides: false }, mac],
  ['and is enough where nobody was known', searching, { mac: other, overrides: false }, other],
  ['an answer without a MAC address confirms the one that was asked', asked, { overrides: false }, mac],
  ['it says nothing where nobody was known', searching, { overrides: true }, undefined],
]
for (const [name, state, said, expected] of sayings)
  t.test(name, async (t) => {
    const after = step(state, { kind: 'heard', ...said, now: 1600, refresh }).state
    t.equal(resolvedOf(after)?.mac, expected)
    t.equal(after.next, expected === undefined ? 0 : expected === mac && said.mac === other ? 1500 : 3100)
  })

t.test('an answer without a MAC address that nobody waits for says nothing', async (t) => {
  t.strictSame(step(resolved, { kind: 'heard', overrides: true, now: 10, refresh }), { state: resolved, effects: [] })
})

t.test('it is asked from elsewhere', async (t) => {
  t.strictSame(step(resolved, { kind: 'path', path: { ...path }, now: 10 }), { state: resolved, effects: [] }, 'the same path')
  for (const moved of [
    { ...path, mac: other },
    { ...path, asker: '10.0.0.3' as Address },
  ]) {
    const again = step(resolved, { kind: 'path', path: moved, now: 10 })
    t.strictSame(again, { state: { ...resolved, path: moved, next: 10 }, effects: [] }, 'asked at once, still believed')
    t.match(step(searching, { kind: 'path', path: moved, now: 10 }).state, { phase: 'searching', path: moved, next: 10 })
  }
})

t.test('an answer is waited for by whoever was asked', async (t) => {
  t.equal(isWaiting(searching), true)
  t.equal(isWaiting(resolved), false)
  t.equal(isWaiting(step(resolved, { kind: 'due', now: 1500 }).state), true)
})
