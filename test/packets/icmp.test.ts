// SPDX-License-Identifier: Apache-2.0
// ICMP errors about connections: to the server whose packet they are about, to the client whose request they are about, with what
// they quote in the words of whoever gets them. Everything else of ICMP is the kernel's.
import { endpoint } from './addresses.js'
import { carrying, type Family, forEachFamily, icmpError } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { after, packetTest, type Step } from './packet_test.js'

const mac = '02:00:00:00:00:11'
const errors = ['too big', 'unreachable', 'time exceeded'] as const

/** How much of a packet is quoted, beyond its IP header: ports alone, UDP's checksum, TCP's checksum just so, its header, all. */
const quotations = [4, 8, 18, 20, 1000]

interface Way {
  readonly from: string
  readonly to: string
}

forEachFamily((family, name) => {
  const { client, vip, server, router, clients } = family
  const isIpv6 = name === 'IPv6'
  const header = isIpv6 ? 40 : 20
  const quote = (error: Frame, quoted: Frame, bytes: number) => error.quoting(quoted, header + bytes)

  for (const protocol of ['tcp', 'udp'] as const) {
    const opens: Step = [carrying(ethernet().ip(client, vip), protocol, 40000, 80)]
    const web = service(endpoint(vip, 80), 'nat', { protocol })
    const nat = [web, realServer(endpoint(server, 8080), mac), clients]
    const answer = ({ from, to }: Way, port: number) =>
      carrying(ethernet().ip(from, to, { hops: 60 }).payload(100), protocol, port, 40000, 'A')
    const request = ({ from, to }: Way, port: number) => carrying(ethernet().ip(from, to, { hops: 63 }), protocol, 40000, port)

    for (const what of errors)
      for (const bytes of quotations) {
        packetTest(`${name}, ${protocol}: ${what}, quoting ${bytes} bytes, reaches the NAT server as if about its own packet`, {
          given: nat,
          strip: [
            opens,
            {
              sent: quote(icmpError(ethernet().ip(router, vip), what, isIpv6), answer({ from: vip, to: client }, 80), bytes),
              expect: {
                outcome: 'FORWARDED',
                packet: quote(
                  icmpError(ethernet(mac).ip(router, server, { hops: 63 }), what, isIpv6),
                  answer({ from: server, to: client }, 8080),
                  bytes,
                ),
              },
            },
          ],
        })

        packetTest(`${name}, ${protocol}: ${what} of the server, quoting ${bytes} bytes, reaches the client from the VIP`, {
          given: nat,
          strip: [
            opens,
            {
              sent: quote(
                icmpError(ethernet(DIRECTOR, mac).ip(server, client), what, isIpv6),
                request({ from: client, to: server }, 8080),
                bytes,
              ),
              expect: {
                outcome: 'REPLIED',
                packet: quote(
                  icmpError(ethernet(ROUTER).ip(vip, client, { hops: 63 }), what, isIpv6),
                  request({ from: client, to: vip }, 80),
                  bytes,
                ),
              },
            },
          ],
        })

        packetTest(`${name}, ${protocol}: ${what}, quoting ${bytes} bytes, goes as it is in direct routing`, {
          given: [service(endpoint(vip, 80), 'dr', { protocol }), realServer(server, mac)],
          strip: [opens, asIs(family, what, quote, answer({ from: vip, to: client }, 80), bytes)],
        })
      }

    packetTest(`${name}, ${protocol}: an error of a router before the server keeps its source`, {
      given: nat,
      strip: [
        opens,
        {
          sent: quote(
            icmpError(ethernet(DIRECTOR, mac).ip(router, client), 'too big', isIpv6),
            request({ from: client, to: server }, 8080),
            8,
          ),
          expect: {
            outcome: 'REPLIED',
            packet: quote(
              icmpError(ethernet(ROUTER).ip(router, client, { hops: 63 }), 'too big', isIpv6),
              request({ from: client, to: vip }, 80),
              8,
            ),
          },
        },
      ],
    })

    const about = (port: number) =>
      quote(icmpError(ethernet().ip(router, vip), 'unreachable', isIpv6), answer({ from: vip, to: client }, port), 8)
    packetTest(`${name}, ${protocol}: an error about nothing that we know is the kernel's`, {
      given: nat,
      strip: [[about(80), 'NOT_OURS'], opens, [about(81), 'NOT_OURS'], after(1000), [about(80), 'NOT_OURS']],
    })

    packetTest(`${name}, ${protocol}: what quotes too little is the kernel's, whatever padding follows it`, {
      given: nat,
      strip: [
        opens,
        ...[0, 2, 3].map(
          (bytes): Step => [
            quote(
              icmpError(ethernet().ip(router, vip), 'unreachable', isIpv6),
              answer({ from: vip, to: client }, 80),
              bytes,
            ).padded(120),
            'NOT_OURS',
          ],
        ),
      ],
    })

    const lying: Readonly<Record<string, readonly [at: number, ...values: number[]]>> = isIpv6
      ? { 'of another version': [0, 0x40], 'shorter than its ports': [4, 0, 3] }
      : { 'of another version': [0, 0x65], 'with a short header': [0, 0x44], 'shorter than its ports': [2, 0, 23] }
    for (const [what, [at, ...values]] of Object.entries(lying))
      packetTest(`${name}, ${protocol}: a quotation ${what} is none`, {
        given: nat,
        strip: [
          opens,
          [
            quote(icmpError(ethernet().ip(router, vip), 'unreachable', isIpv6), answer({ from: vip, to: client }, 80), 100).with(
              header + 8 + at,
              ...values,
            ),
            'NOT_OURS',
          ],
        ],
      })

    packetTest(`${name}, ${protocol}: what is behind the packet in its frame is not looked at`, {
      given: nat,
      strip: [
        opens,
        {
          sent: quote(
            icmpError(ethernet().ip(router, vip), 'unreachable', isIpv6),
            answer({ from: vip, to: client }, 80),
            4,
          ).padded(150),
          expect: {
            outcome: 'FORWARDED',
            packet: quote(
              icmpError(ethernet(mac).ip(router, server, { hops: 63 }), 'unreachable', isIpv6),
              answer({ from: server, to: client }, 8080),
              4,
            ).padded(150),
          },
        },
      ],
    })

    packetTest(`${name}, ${protocol}: an error is never answered`, {
      given: nat,
      strip: [
        opens,
        [
          quote(icmpError(ethernet().ip(router, vip, { hops: 1 }), 'too big', isIpv6), answer({ from: vip, to: client }, 80), 8),
          'ICMP_WITHHELD',
        ],
      ],
    })
  }

  const ping = isIpv6 ? ethernet().ip(client, vip).icmpv6(128) : ethernet().ip(client, vip).icmp(8)
  packetTest(`${name}: ping to the VIP passes`, {
    given: [service(endpoint(vip, 80), 'nat'), realServer(server, mac)],
    sent: ping.payload(56),
    expect: { outcome: 'NOT_OURS' },
  })
})

/** An error that a router sends to the VIP, and the same for the server. */
function asIs(
  { client, vip, router }: Family,
  what: (typeof errors)[number],
  quote: (error: Frame, quoted: Frame, bytes: number) => Frame,
  quoted: Frame,
  bytes: number,
): Step {
  const sent = quote(icmpError(ethernet().ip(router, vip), what, client.includes(':')), quoted, bytes)
  return { sent, expect: { outcome: 'FORWARDED', packet: sent.sentTo(mac) } }
}
