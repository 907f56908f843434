// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import { conflictingListeners, conflictingServers, conflictingServices, repeatedListeners } from '../../src/model/conflicts.js'
import { serverName } from '../../src/model/desired.js'
import { UserError } from '../../src/model/errors.js'
import { listeners, server, service } from './example.js'

t.test('services share neither name nor listener', async (t) => {
  const web = service('web', 80)
  t.strictSame(
    conflictingServices([web, service('mail', 25), { ...web, name: 'quic', listeners: listeners('udp 203.0.113.10:80') }]),
    [],
  )
  t.strictSame(conflictingServices([web, service('mail', 25), service('www', 80), service('web', 443), service('x', 80)]), [
    { path: 'services[2].address', message: 'tcp 203.0.113.10:80 is taken by services[0]' },
    { path: 'services[3].name', message: 'the name web is taken by services[0]' },
    { path: 'services[4].address', message: 'tcp 203.0.113.10:80 is taken by services[0]' },
  ])
})

const range = (text: string) => ({ ...service('range', 1), listeners: listeners('udp 203.0.113.9:1', text) })

t.test('ranges that cross are a conflict, told with both places', async (t) => {
  const web = { ...service('web', 80), listeners: listeners('tcp 203.0.113.10:8000-8100') }
  t.strictSame(conflictingServices([web, range('tcp 203.0.113.10:8040-8050')]), [])
  t.strictSame(conflictingServices([range('tcp 203.0.113.10:8050-8150'), web]), [
    {
      path: 'services[1].listeners[0]',
      message:
        'tcp 203.0.113.10:8000-8100 overlaps tcp 203.0.113.10:8050-8150 of services[0].listeners[1], and neither is inside the other',
    },
  ])
  t.strictSame(conflictingListeners([web], range('tcp 203.0.113.10:8050-8150')), [
    {
      path: 'listeners[1]',
      message: 'tcp 203.0.113.10:8050-8150 overlaps tcp 203.0.113.10:8000-8100 of service web, and neither is inside the other',
    },
  ])
  t.strictSame(conflictingListeners([service('web', 80), service('mail', 25)], service('www', 80)), [
    { path: 'address', message: 'tcp 203.0.113.10:80 is taken by service web' },
  ])
  t.strictSame(conflictingListeners([service('a', 80), service('b', 80)], service('c', 25)), [], 'what others have among them')
})

t.test('a listener of a service is there once', async (t) => {
  t.strictSame(repeatedListeners(listeners('tcp 203.0.113.10:80', 'udp 203.0.113.10:80', 'tcp 203.0.113.10:80')), [
    { path: 'listeners[2]', message: 'tcp 203.0.113.10:80 is taken by listeners[0]' },
  ])
  const twice = { ...service('web', 80), listeners: listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.10:80') }
  t.strictSame(conflictingServices([twice]), [], 'told where it was read')
})

t.test('servers of a service share no address and port', async (t) => {
  t.strictSame(conflictingServers([server('11'), server('12'), server('11', 81)]), [])
  t.strictSame(conflictingServers([server('11'), server('12'), server('11 x5')], 'services[3].servers'), [
    { path: 'services[3].servers[2]', message: '10.0.0.11:80 is already in services[3].servers[0]' },
  ])
})

t.test('names of servers', async (t) => {
  t.equal(serverName(server('11')), '10.0.0.11:80')
})

t.test('an error of a user has a status and a title', async (t) => {
  const error = new UserError('tooMany', 'limits.servers: full', [{ path: 'limits.servers', message: 'full' }])
  t.match(error, { status: 422, title: /limit/, message: 'limits.servers: full', name: 'UserError' })
  t.strictSame(new UserError('notFound', 'gone').errors, [])
})
