// SPDX-License-Identifier: Apache-2.0
// What tests of forwarding judge by, tried where only kernels forward: datagrams in fragments, iperf3, and an eye for checksums.
import t from 'tap'
import { watchChecksums } from '../../vagrant/checksums.js'
import { offerDownload, putUpload, takeDownload } from '../../vagrant/download.js'
import { startLab } from '../../vagrant/lab.js'
import { measureThroughput } from '../../vagrant/throughput.js'
import { type Family, readTopology } from '../../vagrant/topology.js'
import { askDatagrams, sequence, serveDatagrams } from '../../vagrant/traffic.js'
import { placeServers } from '../../vagrant/variants.js'

const families: Family[] = [4, 6]
const lab = startLab({ topology: placeServers(readTopology(), 'nat', 'two-arm') })
t.teardown(() => lab.close())

t.test('datagrams, whole and in fragments', async (t) => {
  await serveDatagrams(lab, 9000)
  for (const family of families) {
    for (const size of [64, 3000, 30000]) {
      const answers = await askDatagrams(lab, { vip: lab.address('server3', family), port: 9000, count: 3, size, perSecond: 50 })
      t.equal(sequence(answers), '333', `${size} bytes by IPv${family}`)
    }
  }
})

t.test('iperf3, both ways', async (t) => {
  for (const family of families) {
    const vip = lab.address('server1', family)
    for (const load of [{}, { reverse: true }, { protocol: 'udp' as const }]) {
      const { bitsPerSecond } = await measureThroughput(lab, 'server1', { vip, ...load })
      const megabits = Math.round(bitsPerSecond / 1e6)
      t.ok(megabits > 10, `IPv${family} ${JSON.stringify(load)}: ${megabits} Mbit/s`)
    }
  }
})

t.test('iperf3 without a server says so', async (t) => {
  await t.rejects(measureThroughput(lab, 'server1', { vip: lab.address('server2') }), /iperf3: .*refused/)
})

t.test('what kernels send has right checksums, wherever one looks', async (t) => {
  offerDownload(lab, 8 << 20)
  const places = ['client', 'server1', 'director'] as const
  const watches = await Promise.all(places.map((machine) => watchChecksums(lab, machine)))
  for (const family of families) {
    const vip = lab.address('server1', family)
    t.ok(await takeDownload(lab, { vip, full: true }).whole, `a download by IPv${family}`)
    t.match(await putUpload(lab, { vip }), { whole: true, server: 'server1' }, `an upload by IPv${family}`)
  }
  for (const [index, place] of places.entries()) {
    const { frames, bad, missed } = (await watches[index]?.stop()) ?? { frames: 0, bad: ['not watched'], missed: 0 }
    t.ok(frames > 10_000, `${place}: ${frames} frames`)
    t.strictSame({ bad, missed }, { bad: [], missed: 0 }, place)
  }
})

const quoted = "IP(src='10.1.0.11',dst='198.51.100.10',chksum=0x1234)/UDP(sport=80,dport=9)"
//                                what scapy makes of it, right but for its chksum
const wrong: Record<string, string> = {
  'an IPv4 header': "IP(dst=DST,chksum=0x1234)/UDP(dport=9)/'text'",
  'TCP over IPv4': "IP(dst=DST)/TCP(dport=9,chksum=0x1234)/'text'",
  'UDP over IPv4': "IP(dst=DST)/UDP(dport=9,chksum=0x1234)/'text'",
  ICMP: "IP(dst=DST)/ICMP(chksum=0x1234)/'text'",
  'what an ICMP error quotes': `IP(dst=DST)/ICMP(type=3,code=4)/${quoted}`,
  'TCP over IPv6': "IPv6(dst=DST6)/TCP(dport=9,chksum=0x1234)/'text'",
  'UDP over IPv6': "IPv6(dst=DST6)/UDP(dport=9,chksum=0x1234)/'text'",
  ICMPv6: "IPv6(dst=DST6)/ICMPv6EchoRequest(cksum=0x1234,data='text')",
  'TCP in a tunnel': "IP(dst=DST)/IP(dst='203.0.113.10')/TCP(dport=9,chksum=0x1234)",
  'TCP over IPv6 in a tunnel of IPv4': "IP(dst=DST,proto=41)/IPv6(dst='2001:db8:203::10')/TCP(dport=9,chksum=0x1234)",
}

t.test('a bad checksum does not escape', async (t) => {
  for (const [name, made] of Object.entries(wrong)) {
    const watch = await watchChecksums(lab, 'client')
    const frame = made.replace('DST6', `'${lab.address('server1', 6)}'`).replace('DST', `'${lab.address('server1')}'`)
    lab.do('client', '/usr/bin/python3', '-c', `from scapy.all import *\nconf.verb = 0\nsend(${frame})`)
    const { bad } = await watch.stop()
    // a kernel that refuses a frame may quote it whole
    t.ok(bad.length > 0, `${name}: ${bad}`)
  }
})
