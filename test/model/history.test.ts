// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { combine } from '../../src/model/history.js'
import { service } from './example.js'

const file = [service('web', 80, '11', '12'), service('mail', 25, '11')]
const drained = service('web', 80, '11', '12 x0')
const extra = service('extra', 8080, '11')

t.test('a first start takes the file', async (t) => {
  t.strictSame(combine({ services: file, digest: 'one' }), { services: file, fromFile: true, undone: [] })
})

t.test('with the file as it was, the state stands', async (t) => {
  const services = [drained]
  const combined = combine({ services: file, digest: 'one' }, { fileDigest: 'one', base: file, services })
  t.strictSame(combined, { services, fromFile: false, undone: [] })
})

// what the API made of the file, the new file, what is undone
const cases: Record<string, [typeof file, typeof file, string[]]> = {
  'a change that the file takes back': [
    [drained, ...file.slice(1)],
    [service('web', 80, '11', '12 x5'), ...file.slice(1)],
    ['services/web/servers/10.0.0.12:80 from {"weight":0} to {"weight":5}'],
  ],
  'a change that the file has too': [[drained, ...file.slice(1)], [drained], []],
  'a service that goes': [[...file, extra], file, ['services/extra is gone']],
  'a service that comes back': [file.slice(1), file, ['services/web is back']],
  'a server of a service that goes': [[drained, ...file.slice(1)], file.slice(1), ['services/web is gone']],
  'a service added, and changed by the file': [
    [...file, extra],
    [...file, service('extra', 8080, '11 x2')],
    ['services/extra/servers/10.0.0.11:8080 from {"weight":1} to {"weight":2}'],
  ],
  'nothing, when only the file changed': [file, [drained], []],
}

t.test('a changed file wins and names', async (t) => {
  for (const [name, [services, changed, undone]] of Object.entries(cases)) {
    const combined = combine({ services: changed, digest: 'two' }, { fileDigest: 'one', base: file, services })
    t.strictSame(combined, { services: changed, fromFile: true, undone }, name)
  }
})
