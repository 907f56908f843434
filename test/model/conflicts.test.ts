// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { conflictingServers, conflictingServices } from '../../src/model/conflicts.js'
import { listenerName, serverName } from '../../src/model/desired.js'
import { UserError } from '../../src/model/errors.js'
import { server, service } from './example.js'

t.test('services share neither name nor listener', async (t) => {
  const web = service('web', 80)
  t.strictSame(conflictingServices([web, service('mail', 25), { ...web, name: 'quic', protocol: 'udp' }]), [])
  t.strictSame(conflictingServices([web, service('mail', 25), service('www', 80), service('web', 443), service('x', 80)]), [
    { path: 'services[2].address', message: 'tcp 203.0.113.10:80 is taken by services[0]' },
    { path: 'services[3].name', message: 'the name web is taken by services[0]' },
    { path: 'services[4].address', message: 'tcp 203.0.113.10:80 is taken by services[0]' },
  ])
})

t.test('servers of a service share no address and port', async (t) => {
  t.strictSame(conflictingServers([server('11'), server('12'), server('11', 81)]), [])
  t.strictSame(conflictingServers([server('11'), server('12'), server('11 x5')], 'services[3].servers'), [
    { path: 'services[3].servers[2]', message: '10.0.0.11:80 is already in services[3].servers[0]' },
  ])
})

t.test('names that people read', async (t) => {
  t.equal(listenerName(service('web', 80)), 'tcp 203.0.113.10:80')
  t.equal(serverName(server('11')), '10.0.0.11:80')
})

t.test('an error of a user has a status and a title', async (t) => {
  const error = new UserError('tooMany', 'limits.servers: full', [{ path: 'limits.servers', message: 'full' }])
  t.match(error, { status: 422, title: /limit/, message: 'limits.servers: full', name: 'UserError' })
  t.strictSame(new UserError('notFound', 'gone').errors, [])
})
