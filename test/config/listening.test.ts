// SPDX-License-Identifier: Apache-2.0
// Where services listen, as users write it, whatever this version's data plane can do of it.
import fc from 'fast-check'
import t from 'tap'
import { nameOf, readService } from '../../src/config/meaning.js'
import { parseServices } from '../../src/config/parse.js'
import { ServiceSchema } from '../../src/config/schema.js'
import { misfits } from '../../src/config/shape.js'
import { clashes } from '../../src/model/clashes.js'
import type { Address } from '../../src/model/desired.js'
import type { UserError } from '../../src/model/errors.js'
import { type Listener, listenerName, type Ports } from '../../src/model/listener.js'
import { writtenListeners } from '../../src/model/written.js'
import { listeners } from '../model/example.js'

const sources = ['192.0.2.1' as Address]
const web = { protocol: 'tcp', address: '203.0.113.10', port: 80 }

/** `path: message` of everything that is wrong, in its shape too. */
function errorsOf(fields: unknown): string[] {
  return [...misfits(ServiceSchema, fields), ...readService(fields, '', sources).errors].map(
    ({ path, message }) => `${path}: ${message}`,
  )
}

// what is written, and how it reads back where that differs
const accepted: Record<string, [object, object?]> = {
  'one VIP and port': [web],
  'every port': [{ ...web, port: 0 }],
  'a list of one': [{ listeners: [web] }, web],
  'a whole length of bits': [{ ...web, address: '203.0.113.10/32' }, web],
  'several ports': [{ listeners: [web, { ...web, port: 443 }] }],
  'a protocol for all': [
    { protocol: 'udp', listeners: [{ address: '203.0.113.10', port: 53 }, web] },
    { listeners: [{ protocol: 'udp', address: '203.0.113.10', port: 53 }, web] },
  ],
  'a range': [{ listeners: [{ ...web, port: '8000-8100' }] }],
  'a range by its own fields': [{ ...web, port: '8000-8100' }, { listeners: [{ ...web, port: '8000-8100' }] }],
  'a network': [{ ...web, address: '203.0.113.0/24' }, { listeners: [{ ...web, address: '203.0.113.0/24' }] }],
  'a network of IPv6': [
    { ...web, address: '2001:DB8:0::/48', port: 0 },
    { listeners: [{ ...web, address: '2001:db8::/48', port: 0 }] },
  ],
  'one inside another': [
    {
      listeners: [
        web,
        { ...web, address: '203.0.113.0/24' },
        { ...web, port: '79-81' },
        { ...web, port: '80-81' },
        { ...web, port: 0 },
      ],
    },
  ],
}

for (const [name, [fields, canonical = fields]] of Object.entries(accepted))
  t.test(name, async (t) => {
    t.strictSame(errorsOf(fields), [])
    t.strictSame(writtenListeners(readService(fields, '', sources).value.listeners), canonical)
  })

const many = Array.from({ length: 1025 }, (_, index) => ({ ...web, port: index + 1 }))

const refused: Record<string, [object, string[]]> = {
  'nothing at all': [{}, ['protocol', 'address', 'port'].map((name) => `${name}: is required`)],
  'a list and an address': [
    { ...web, listeners: [web] },
    ['address', 'port'].map((name) => `${name}: is what listeners say: leave one of the two out`),
  ],
  'an empty list': [{ listeners: [] }, ['listeners: must be a list of 1 to 1024 listeners, got a list of 0']],
  'too long a list': [{ listeners: many }, ['listeners: must be a list of 1 to 1024 listeners, got a list of 1025']],
  'no list': [{ listeners: { a: 1 } }, ['listeners: must be a list of 1 to 1024 listeners, got a mapping']],
  'no listener': [
    { listeners: ['x', {}] },
    [
      'listeners[0]: must be a listener: protocol, address and port, got "x"',
      'listeners[1].address: is required',
      'listeners[1].port: is required',
      'listeners[0].protocol: is required',
      'listeners[1].protocol: is required',
    ],
  ],
  'an unknown field': [
    { listeners: [{ ...web, weight: 1 }] },
    ['listeners[0].weight: is not a known field; the fields here are protocol, address, port'],
  ],
  'a network by another of its addresses': [
    { ...web, address: '203.0.113.9/24' },
    ['address: 203.0.113.9/24 is in the network 203.0.113.0/24: write that, or the address alone'],
  ],
  'a network of all': [{ ...web, address: '0.0.0.0/0' }, ['address: 0.0.0.0 names no host']],
  'a network of multicast': [{ ...web, address: 'ff00::/8' }, ['address: ff00:: is a multicast address']],
  'a network around those that IPv4 is mapped to': [
    { ...web, address: '::8000:0:0/81' },
    ['address: ::8000:0:0/81 holds the IPv4 addresses mapped into IPv6: write a network of IPv4, or a smaller one'],
  ],
  'a network with a source': [
    { ...web, address: '192.0.2.0/24' },
    ['address: 192.0.2.1 of 192.0.2.0/24 is in sources: full NAT needs it for itself'],
  ],
  'a source': [{ ...web, address: '192.0.2.1' }, ['address: 192.0.2.1 is in sources: full NAT needs it for itself']],
  'a range backwards': [{ ...web, port: '81-80' }, ['port: must be a range from a lower to a higher port, got "81-80"']],
  'a range beyond all ports': [
    { ...web, port: '80-65536' },
    ['port: must be a range from a lower to a higher port, got "80-65536"'],
  ],
  'a range from every port': [
    { ...web, port: '0-80' },
    ['port: must be a port, a range such as "8000-8100", or 0 for every port, got "0-80"'],
  ],
  'a listener twice': [
    { listeners: [web, { ...web, port: 81 }, web] },
    ['listeners[2]: tcp 203.0.113.10:80 is taken by listeners[0]'],
  ],
  'what is told apart only once all can be read': [
    { listeners: [{ ...web, port: '81-80' }, web, web] },
    ['listeners[0].port: must be a range from a lower to a higher port, got "81-80"'],
  ],
  'ranges that cross': [
    {
      listeners: [
        { ...web, port: '80-90' },
        { ...web, port: '85-95' },
      ],
    },
    ['listeners[1]: tcp 203.0.113.10:85-95 overlaps tcp 203.0.113.10:80-90 of listeners[0], and neither is inside the other'],
  ],
}

t.test('what is wrong is told at its place', async (t) => {
  for (const [name, [fields, errors]] of Object.entries(refused)) t.strictSame(errorsOf(fields), errors, name)
})

t.test('services share no listener, wherever they have it', async (t) => {
  const group = { listeners: [{ ...web, port: 443 }, web] }
  try {
    parseServices([
      group,
      { ...web, name: 'web' },
      {
        listeners: [
          { ...web, port: 22 },
          { ...web, port: 443 },
        ],
      },
    ])
    t.fail('they are taken')
  } catch (error) {
    t.strictSame((error as UserError).errors, [
      { path: 'services[1].address', message: 'tcp 203.0.113.10:80 is taken by services[0].listeners[1]' },
      { path: 'services[2].listeners[1]', message: 'tcp 203.0.113.10:443 is taken by services[0].listeners[0]' },
    ])
  }
})

const names: Record<string, string> = {
  'tcp 203.0.113.10:80': 'tcp-203-0-113-10-80',
  'tcp [2001:db8::1]:80': 'tcp-2001-db8--1-80',
  'udp 203.0.113.0/24:8000-8100': 'udp-203-0-113-0-p24-8000to8100',
  'sctp [::1:0]:0': 'sctp---1-0-0',
}

t.test('names that are made are of the first listener', async (t) => {
  for (const [listener, name] of Object.entries(names)) t.equal(nameOf(listeners(listener, 'tcp 203.0.113.99:1')), name)
})

const anyPorts: fc.Arbitrary<Ports> = fc.tuple(fc.nat(65_535), fc.nat(65_535), fc.boolean()).map(([one, other, all]) => {
  const [firstPort, lastPort] = [Math.min(one, other) || 1, Math.max(one, other) || 1]
  return all ? { firstPort: 0, lastPort: 65_535 } : { firstPort, lastPort }
})

/** Few groups and small ones, so that names which differ by a hyphen alone come up. */
const anyListener: fc.Arbitrary<Listener> = fc
  .tuple(
    fc.constantFrom('tcp', 'udp', 'sctp'),
    fc.constantFrom(
      '[2001:db8::1]',
      '[2001:db8:1::]',
      '[2001:db8::1:80]',
      '[2001:db8:1:2:3:4:5:6]',
      '203.0.113.24',
      '203.0.113.0/24',
      '[2001:db8::/32]',
    ),
    fc.oneof(
      anyPorts,
      fc.constantFrom({ firstPort: 24, lastPort: 24 }, { firstPort: 24, lastPort: 80 }, { firstPort: 80, lastPort: 80 }),
    ),
  )
  .map(([protocol, network, ports]) => ({ ...(listeners(`${protocol} ${network}:1`)[0] as Listener), ...ports }))

t.test('names that are made are labels, and tell listeners apart', async (t) => {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
  const holds = fc.property(anyListener, anyListener, (one, other) => {
    const same = nameOf([one]) === nameOf([other])
    return label.test(nameOf([one])) && same === (listenerName(one) === listenerName(other))
  })
  t.doesNotThrow(() => void fc.assert(holds, { numRuns: 3000 }))
  const longest = listeners('sctp [2001:db8:1111:2222:3333:4444:5555:6666/127]:10000-65535')
  t.match(nameOf(longest), label)
})

t.test('listeners read back as they were written', async (t) => {
  const holds = fc.property(fc.array(anyListener, { minLength: 1, maxLength: 4 }), (all) => {
    if (clashes([{ listeners: all }]).length > 0) return true
    const { value, errors } = readService(JSON.parse(JSON.stringify(writtenListeners(all))), '', [])
    return errors.length === 0 && value.listeners.map(listenerName).join() === all.map(listenerName).join()
  })
  t.doesNotThrow(() => void fc.assert(holds, { numRuns: 1000 }))
})
