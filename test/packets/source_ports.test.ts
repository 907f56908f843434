// SPDX-License-Identifier: Apache-2.0
// Full NAT's ports: never one for two connections, free again when a connection is over, and refused by name when none is left.
import t from 'tap'
import { endpoint } from './addresses.js'
import type { Director } from './director.js'
import { carrying, forEachFamily } from './families.js'
import { DIRECTOR, ethernet } from './frame.js'
import { type Given, realServer, route, service, sources } from './given.js'
import { after, packetTest, usual } from './packet_test.js'
import { randomFrom } from './random.js'
import { type Reading, readFrame } from './reading.js'
import { poolOf } from './roles.js'
import { stations } from './scene.js'

const mac = '02:00:00:00:00:11'

/** Where a request came from after its addresses were changed. */
function own(director: Director, sent: Parameters<Director['send']>[0]): string {
  const { outcome, packet } = director.send(sent)
  const { source, ports } = readFrame(packet) as Reading
  return outcome === 'FORWARDED' ? endpoint(source, ports?.source as number) : outcome
}

forEachFamily((family, name) => {
  const { client, vip, server, director, directorOnOther, clients } = family
  const web = service([endpoint(vip, 80), `udp ${endpoint(vip, 80)}`], 'fullnat')
  const a = realServer(endpoint(server, 8080), mac)
  const given: Given[] = [sources(director), web, a, clients]
  const asked = (from: number, protocol: 'tcp' | 'udp' = 'tcp', flags = 'S') =>
    carrying(ethernet().ip(client, vip), protocol, from, 80, flags)
  const each = (program: Director, count: number, protocol: 'tcp' | 'udp' = 'tcp', first = 40_000) =>
    Array.from({ length: count }, (_, i) => own(program, asked(first + i, protocol)))
  const pool = (at: string, count: number) => Array.from({ length: count }, (_, i) => endpoint(at, 2000 + i))

  packetTest(`${name}: as many connections as there are ports, and no more`, {
    given,
    strip: [poolOf(20, 2000)],
    finally: (program) => [each(program, 20).sort(), each(program, 3, 'tcp', 50_000)],
    leaves: [pool(director, 20), ['NO_SOURCE_PORT', 'NO_SOURCE_PORT', 'NO_SOURCE_PORT']],
  })

  packetTest(`${name}: TCP's are not UDP's`, {
    given,
    strip: [poolOf(5, 2000)],
    finally: (program) => [each(program, 5).sort(), each(program, 5, 'udp').sort(), each(program, 1, 'udp', 50_000)],
    leaves: [pool(director, 5), pool(director, 5), ['NO_SOURCE_PORT']],
  })

  packetTest(`${name}: each source has all of them`, {
    given: [sources(director, directorOnOther), web, a, clients],
    strip: [poolOf(16, 2000)],
    finally: (program) => [each(program, 32).sort(), each(program, 1, 'tcp', 50_000)],
    leaves: [[...pool(director, 16), ...pool(directorOnOther, 16)].sort(), ['NO_SOURCE_PORT']],
  })

  packetTest(`${name}: they are free again when their connections are over`, {
    given,
    strip: [poolOf(4, 2000)],
    finally: (program) => {
      const before = each(program, 4).sort()
      after(61)(program)
      return [before, each(program, 4, 'tcp', 41_000).sort(), each(program, 1, 'tcp', 50_000)]
    },
    leaves: [pool(director, 4), pool(director, 4), ['NO_SOURCE_PORT']],
  })

  packetTest(`${name}: a connection that begins again may have the port that it had`, {
    given,
    strip: [poolOf(1, 2000)],
    finally: (program) => {
      const [first] = each(program, 1)
      program.connections.change(endpoint(client, 40_000), { state: 'TIME_WAIT' })
      return [first, ...each(program, 1)]
    },
    leaves: [...pool(director, 1), ...pool(director, 1)],
  })

  packetTest(`${name}: a request that found none leaves nothing behind`, {
    given,
    strip: [
      poolOf(1, 2000),
      [asked(40_000)],
      [asked(40_001), 'NO_SOURCE_PORT', '-', '0+1'],
      [asked(40_001, 'tcp', 'A'), 'RESET_SENT', '-', '0+1'],
    ],
  })
})

const [source = ''] = stations.in.addresses
const RUNS = 8
const STEPS = 250

/** Live connections by the port that they have. */
type Held = Map<string, string>

/** One random step; what is wrong, or undefined. */
function step(program: Director, random: ReturnType<typeof randomFrom>, held: Held): string | undefined {
  if (random.once(60)) {
    program.age(61)
    for (const { client } of program.connections.entries()) program.connections.change(client, { age: 1000 })
    held.clear()
    return undefined
  }
  const client = `198.51.100.${random.below(3)}`
  const from = 40_000 + random.below(12)
  const flow = endpoint(client, from)
  const vip = random.pick(['192.0.2.1', '192.0.2.2'])
  const name = `${flow} ${vip}`
  const got = own(program, ethernet().ipv4(client, vip).tcp(from, 80))
  if (got === 'NO_SOURCE_PORT') return held.size < POOL ? `none for ${name} when ${held.size} were held` : undefined
  const holder = held.get(got)
  if (holder !== undefined && holder !== name) return `${got} went to ${name} and was ${holder}'s`
  const before = [...held].find(([, owner]) => owner === name)
  if (before && before[0] !== got) return `${name} had ${before[0]} and got ${got}`
  held.set(got, name)
  const answer = program.send(
    ethernet(DIRECTOR, mac)
      .ipv4('10.0.0.11', source)
      .tcp(8080, Number(got.split(':')[1]), 'SA'),
  )
  const heard = readFrame(answer.packet) as Reading
  return answer.outcome === 'REPLIED' &&
    heard.source === vip &&
    endpoint(heard.destination, heard.ports?.destination as number) === flow
    ? undefined
    : `${name}'s answer was ${answer.outcome} to ${heard.destination}`
}

const POOL = 24

t.test(`two connections never have one port: ${RUNS} random runs`, async (t) => {
  const program = usual()
  for (let run = 0; run < RUNS; run++) {
    const random = randomFrom(run)
    const held: Held = new Map()
    program.reset()
    program.configure([
      sources(source),
      service('192.0.2.1:80', 'fullnat'),
      realServer('10.0.0.11:8080', mac),
      service('192.0.2.2:80', 'fullnat'),
      realServer('10.0.0.11:8080', mac),
      route('198.51.100.0/24', '02:00:00:00:00:fe'),
    ])
    poolOf(POOL, 2000)(program)
    const faults: string[] = []
    for (let number = 0; number < STEPS && faults.length === 0; number++) {
      const fault = step(program, random, held)
      if (fault !== undefined) faults.push(`run ${run}, step ${number}: ${fault}`)
    }
    t.same(faults, [])
  }
})
