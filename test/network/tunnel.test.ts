// SPDX-License-Identifier: Apache-2.0
// The decapsulator that the lab's servers carry, by itself: the router wraps datagrams, as a director would do, and
// no kernel on the way refuses what it must.
import t from 'tap'
import { startLab } from '../../vagrant/lab.js'
import { type Family, type Interface, interfacesOf, macOf, readTopology } from '../../vagrant/topology.js'
import { serveDatagrams } from '../../vagrant/traffic.js'
import { placeServers } from '../../vagrant/variants.js'

const families: Family[] = [4, 6]
const jumbo = { ...placeServers(readTopology(), 'tun', 'remote'), mtu: 9000 }
const lab = startLab({ topology: jumbo })
t.teardown(() => lab.close())
await serveDatagrams(lab, 9000)

const vipOf = (family: Family) => (family === 4 ? lab.vip : lab.vip6)

/** Sends datagrams for a VIP within whatever `outer` makes of `inner`, in scapy's words, and returns who answers each. */
function asked(family: Family, outer: string, sizes = [64]): string[] {
  const from = interfacesOf(lab.topology, 'router').find(({ network }) => network === 'remote') as Interface
  const script = `
import socket
from scapy.all import *
conf.verb = 0
ears = socket.socket(socket.AF_INET${family === 4 ? '' : '6'}, socket.SOCK_DGRAM)
ears.bind(("${lab.address('router', family)}", 0))
ears.settimeout(0.5)
for size in ${JSON.stringify(sizes)}:
    inner = IP${family === 4 ? '' : 'v6'}(src="${lab.address('router', family)}", dst="${vipOf(family)}")
    inner = inner / UDP(sport=ears.getsockname()[1], dport=9000) / Raw(bytes(size))
    sendp(Ether(src="${macOf(from.address)}", dst="${macOf(lab.address('server2'))}") / ${outer}, iface="${from.device}")
    try:
        answer, (address, port, *_) = ears.recvfrom(65535)
        print(answer.split()[0].decode(), address, port)
    except socket.timeout:
        print("nobody")
`
  return lab.do('router', '/usr/bin/python3', '-c', script).trim().split('\n')
}

const to = (server: string, family: Family) => `dst="${lab.address(server, family)}"`
const wrap = (outer: Family, inner: Family) =>
  outer === 4
    ? `IP(${to('server2', 4)}, proto=${inner === 4 ? 4 : 41}) / inner`
    : `IPv6(${to('server2', 6)}, nh=${inner === 4 ? 4 : 41}) / inner`

for (const outer of families) {
  for (const inner of families) {
    t.test(`IPv${inner} within IPv${outer}`, async (t) => {
      // veth gives a frame of more than a page to XDP in several buffers
      const sizes = [1, 64, 1400, 3500, 4100, 8900]
      const answers = asked(inner, wrap(outer, inner), sizes)
      t.strictSame(
        answers,
        Array.from(sizes, () => `server2 ${vipOf(inner)} 9000`),
      )
    })
  }
}

t.test('an outer header with options', async (t) => {
  const options = `IP(${to('server2', 4)}, proto=4, options=[IPOption_NOP()] * 8) / inner`
  t.strictSame(asked(4, options), [`server2 ${lab.vip} 9000`])
})

//                 what a kernel's ipip would not take either
const refused: Record<string, string> = {
  'a bad checksum outside': `IP(${to('server2', 4)}, proto=4, chksum=0x1234) / inner`,
  'a length that is more than the frame': `IP(${to('server2', 4)}, proto=4, len=200) / inner`,
  'a length that is less': `IP(${to('server2', 4)}, proto=4, len=60) / inner`,
  'a fragment': `IP(${to('server2', 4)}, proto=4, flags="MF") / inner`,
  'IPv6 that says it is IPv4': `IP(${to('server2', 4)}, proto=41) / inner`,
  'a length of IPv6’s that is not the frame’s': `IPv6(${to('server2', 6)}, nh=4, plen=40) / inner`,
  'an address that is not the server’s own': `IP(dst="${lab.vip}", proto=4) / inner`,
}

for (const [name, outer] of Object.entries(refused)) {
  t.test(`${name} is refused`, async (t) => {
    t.strictSame(asked(4, outer), ['nobody'])
  })
}

t.test('what is in no tunnel passes', async (t) => {
  for (const family of families)
    t.equal((await lab.run('client', 'ping', ['-c', '1', '-W', '2', lab.address('server2', family)])).code, 0)
})
