// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { parseConfig } from '../../src/config/yaml.js'

t.test('a file', async (t) => {
  const desired = parseConfig(`
interfaces: [eth0, eth1]
timeouts: { tcp: 900s, tcpFin: 2m, udp: 300 }
services:
  - name: web            # a comment
    protocol: tcp
    address: 203.0.113.10
    port: 80
    servers:
      - { address: 10.0.0.11, port: 80, weight: 3 }
      - address: 10.0.0.12
`)
  t.match(desired, { timeouts: { tcp: 900, tcpFin: 120, udp: 300 }, services: [{ name: 'web', scheduler: 'wrr' }] })
  t.strictSame(
    desired.services[0]?.servers.map(({ weight }) => weight),
    [3, 1],
  )
})

// text, path and message of the errors
const wrong: Record<string, [string, object]> = {
  'a list': ['- 1', [{ path: 'configuration', message: /got a list/ }]],
  nothing: ['', [{ path: 'configuration', message: /got nothing/ }]],
  'a word': ['interfaces', [{ path: 'configuration', message: /got "interfaces"/ }]],
  'a key twice': ['interfaces: [a]\ninterfaces: [b]\n', [{ path: 'line 2', message: /duplicated mapping key/ }]],
  'an open bracket': ['interfaces: [a\nservices: 1\n', [{ path: /^line [23]$/ }]],
  'a tab': ['api:\n\tlisten: x\n', [{ path: 'line 2', message: /[Tt]ab/ }]],
  'two documents': ['interfaces: [a]\n---\ninterfaces: [b]\n', [{ path: 'file', message: /expected a single document/ }]],
  'an alias of nothing': ['interfaces: *a\n', [{ message: /alias/i }]],
  'more aliases than services': [`a: &a 1\nb: [${Array(10_001).fill('*a').join()}]\n`, [{ message: /alias/i }]],
  'a billion laughs': [
    `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join()}]`)
      .join('\n')}\n`,
    { length: 10 }, // each of its names is unknown; nothing was multiplied
  ],
}

t.test('no YAML, or not of our shape', async (t) => {
  for (const [name, [text, errors]] of Object.entries(wrong)) t.throws(() => parseConfig(text), { code: 'invalid', errors }, name)
})
