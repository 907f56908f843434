// SPDX-License-Identifier: Apache-2.0
// SCTP: ports like TCP's, chunks in place of flags, and a checksum that covers no addresses, so that NAT keeps port and checksum.
import { endpoint } from './addresses.js'
import { forEachFamily } from './families.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest } from './packet_test.js'

const mac = '02:00:00:00:00:11'

forEachFamily((family, name) => {
  const { client, vip, server, clients } = family
  const last = name === 'IPv6' ? ':11' : '.11'
  const asked = ethernet().ip(client, vip)
  const signalling = (method: 'dr' | 'nat' | 'tun') => service(endpoint(vip, 2905), method, { protocol: 'sctp' })
  const a = realServer(server, mac)

  packetTest(`${name}: direct routing, from the first chunk to the last`, {
    given: [signalling('dr'), a],
    strip: [
      [asked.sctp(40000, 2905, 'INIT'), `FORWARDED ${last}`, 'SYN_RECEIVED?'],
      [asked.sctp(40000, 2905, 'COOKIE_ECHO'), `FORWARDED ${last}`, 'ESTABLISHED?'],
      {
        sent: asked.sctp(40000, 2905, 'DATA').payload(100),
        expect: { outcome: 'FORWARDED', packet: asked.sctp(40000, 2905, 'DATA').payload(100).sentTo(mac) },
      },
      [asked.sctp(40000, 2905, 'SHUTDOWN'), `FORWARDED ${last}`],
      [asked.sctp(40000, 2905, 'ABORT'), `FORWARDED ${last}`, 'CLOSE?'],
    ],
  })

  packetTest(`${name}: NAT keeps port and checksum, both ways`, {
    given: [signalling('nat'), a, clients],
    strip: [
      {
        sent: asked.sctp(40000, 2905, 'INIT'),
        expect: { outcome: 'FORWARDED', packet: ethernet(mac).ip(client, server, { hops: 63 }).sctp(40000, 2905, 'INIT') },
      },
      {
        sent: ethernet(DIRECTOR, mac).ip(server, client).sctp(2905, 40000, 'INIT_ACK'),
        expect: { outcome: 'REPLIED', packet: ethernet(ROUTER).ip(vip, client, { hops: 63 }).sctp(2905, 40000, 'INIT_ACK') },
      },
    ],
  })

  packetTest(`${name}: a tunnel`, {
    given: [signalling('tun'), a],
    sent: asked.sctp(40000, 2905, 'INIT'),
    expect: { outcome: 'FORWARDED' },
  })

  packetTest(`${name}: what belongs to nothing is dropped, for no RST would be understood`, {
    given: [signalling('dr'), a],
    strip: [
      [asked.sctp(40000, 2905, 'DATA'), 'STRAY', '-'],
      [asked.sctp(40000, 2905, 'SACK'), 'STRAY', '-'],
      [asked.sctp(40000, 2906, 'INIT'), 'NOT_OURS', '-'],
    ],
  })
})

packetTest('a header without room for its checksum is malformed', {
  given: [service('192.0.2.1:2905', { protocol: 'sctp' }), realServer('10.0.0.11', mac)],
  sent: ethernet()
    .ipv4('198.51.100.7', '192.0.2.1', { protocol: 132 })
    .payload(Buffer.from([0x9c, 0x40, 0x0b, 0x59, 0, 0, 0, 0])),
  expect: { outcome: 'MALFORMED' },
})
