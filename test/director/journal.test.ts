// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { JournalEntry } from '../../src/director/ports.js'
import { openJournal, readJournal } from '../../src/effects/journal.js'
import { encodeLine } from '../../src/effects/journal_line.js'
import type { Service } from '../../src/model/desired.js'
import { listeners, server, service } from '../model/example.js'

const web = service('web', 80, '11', '12')
const mail = service('mail', 25, '11')
const dns = service('dns', 53, '13')

function entry(origin: 'file' | 'api', services: Service[], fileDigest = 'one'): JournalEntry {
  return { time: '2026-01-01T00:00:00.000Z', origin, fileDigest, summary: 'test', services }
}

const lines = (directory: string) => readFileSync(join(directory, 'journal'), 'utf8').split('\n').slice(0, -1)

t.test('a first start remembers nothing', async (t) => {
  const directory = join(t.testdir(), 'state')
  const journal = await openJournal(directory)
  t.equal(journal.recorded, undefined)
  t.equal(statSync(directory).mode & 0o777, 0o700)
  await journal.close()
  t.equal(readJournal(directory), undefined)
})

t.test('services stand there as users write them, and are read so', async (t) => {
  const directory = t.testdir()
  const group = {
    ...mail,
    listeners: listeners('tcp 203.0.113.10:25', 'tcp 203.0.113.10:587'),
    servers: [server('11', 0)],
  }
  const journal = await openJournal(directory, 1)
  await journal.append(entry('file', [web]))
  await journal.append(entry('api', [web, group]))
  await journal.close()
  t.match(readFileSync(join(directory, 'snapshot'), 'utf8'), /"protocol":"tcp","address":"203.0.113.10","port":587/)
  t.notMatch(readFileSync(join(directory, 'snapshot'), 'utf8'), /prefix|firstPort/)
  t.strictSame(readJournal(directory), { fileDigest: 'one', base: [web], services: [web, group] })
})

t.test('what was appended is remembered', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  const steps = [[web, mail], [web], [web, dns, mail], [{ ...web, stray: 'drop' as const }, dns, mail], [mail, dns], []]
  await journal.append(entry('file', [web, mail]))
  for (const services of steps) {
    await journal.append(entry('api', services))
    t.strictSame(readJournal(directory), { fileDigest: 'one', base: [web, mail], services })
  }
  await journal.append(entry('file', [dns], 'two'))
  await journal.close()
  t.strictSame(readJournal(directory), { fileDigest: 'two', base: [dns], services: [dns] })
})

t.test('one change of many services is a short line, after a restart too', async (t) => {
  const directory = t.testdir()
  const many = Array.from({ length: 500 }, (_, port) => service(`s${port}`, port + 1, '11'))
  const first = await openJournal(directory)
  await first.append(entry('file', many))
  await first.close()
  const second = await openJournal(directory)
  const services = second.recorded?.services ?? []
  await second.append(
    entry(
      'api',
      services.map((one) => (one.name === 's250' ? { ...one, stray: 'drop' } : one)),
    ),
  )
  await second.close()
  t.ok((lines(directory)[1] as string).length < 500)
  t.equal(readJournal(directory)?.services[250]?.stray, 'drop')
})

t.test('entries that come together are on the disk together', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  const lists = [[web], [web, mail], [mail]]
  await Promise.all(lists.map((services, place) => journal.append(entry(place === 0 ? 'file' : 'api', services))))
  await journal.close()
  t.equal(lines(directory).length, 3)
  t.strictSame(readJournal(directory)?.services, [mail])
})

t.test('a torn last line was never in force, and is overwritten', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  await journal.append(entry('file', [web]))
  await journal.append(entry('api', [web, mail]))
  await journal.close()
  const whole = readFileSync(join(directory, 'journal'), 'utf8')
  const start = whole.indexOf('\n') + 1
  for (let end = start; end < whole.length; end += 7) {
    writeFileSync(join(directory, 'journal'), whole.slice(0, end))
    t.strictSame(readJournal(directory)?.services, [web], `torn at ${end}`)
  }
  writeFileSync(join(directory, 'journal'), `${whole.slice(0, -1)}`)
  t.strictSame(readJournal(directory)?.services, [web], 'the line feed alone is missing')
  writeFileSync(join(directory, 'journal'), `${whole.slice(0, start)}${'\0'.repeat(40)}\n`)
  const again = await openJournal(directory)
  t.strictSame(again.recorded?.services, [web])
  await again.append(entry('api', [web, dns]))
  await again.close()
  t.strictSame(readJournal(directory)?.services, [web, dns])
})

t.test('any other damage is refused by file and line', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'journal')
  const journal = await openJournal(directory)
  for (const services of [[web], [web, mail], [mail]])
    await journal.append(entry(services.length === 1 ? 'file' : 'api', services))
  await journal.close()
  const whole = readFileSync(path, 'utf8')
  const [first, second, third] = lines(directory) as [string, string, string]
  const damages: [string, RegExp][] = [
    [whole.replace('"web"', '"wob"'), /journal, line 1: is damaged\. Restore the file, or move/],
    [`${first}\n${second.slice(1)}\n${third}\n`, /journal, line 2: is damaged/],
    [`${second}\n${third}\n`, /journal, line 1: a change, but nothing that it changes/],
  ]
  for (const [text, message] of damages) {
    writeFileSync(path, text)
    t.throws(() => readJournal(directory), { message }, String(message))
    await t.rejects(openJournal(directory), { message })
    t.equal(readFileSync(path, 'utf8'), text, 'nothing is touched')
  }
})

t.test('a line that is missing is seen', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  await journal.append(entry('file', [web]))
  for (const services of [
    [web, mail],
    [web, mail, dns],
  ])
    await journal.append(entry('api', services))
  await journal.close()
  const [first, , third] = lines(directory)
  writeFileSync(join(directory, 'journal'), `${first}\n${third}\n`)
  t.throws(() => readJournal(directory), { message: /line 2: change 3 after change 1/ })
})

t.test('the journal stays short: a snapshot takes its lines over', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory, 2000)
  await journal.append(entry('file', [web]))
  for (let weight = 0; weight < 50; weight++) {
    await journal.append(entry('api', [{ ...web, servers: [{ ...(web.servers[0] as (typeof web.servers)[0]), weight }] }]))
  }
  await journal.close()
  t.ok(statSync(join(directory, 'journal')).size < 3000)
  t.match(readJournal(directory), { base: [web], services: [{ servers: [{ weight: 49 }] }] })
})

t.test('a snapshot whose lines are still there counts once', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'journal')
  const append = async (compactBeyond: number, ...entries: JournalEntry[]) => {
    const journal = await openJournal(directory, compactBeyond)
    for (const one of entries) await journal.append(one)
    await journal.close()
  }
  await append(0, entry('file', [web]))
  t.equal(readFileSync(path, 'utf8'), '', 'all of it is in the snapshot')
  await append(1_000_000, entry('api', [web, mail]), entry('api', [mail]))
  const changes = readFileSync(path, 'utf8')
  await append(0, entry('api', [mail, dns]))
  const snapshot = readFileSync(join(directory, 'snapshot'), 'utf8')
  writeFileSync(path, changes)
  t.strictSame(readJournal(directory)?.services, [mail, dns], 'killed before the lines were taken away')
  writeFileSync(join(directory, 'snapshot'), snapshot.slice(0, 30))
  t.throws(() => readJournal(directory), { message: /snapshot, line 1: is damaged/ })
})

t.test('what this version does not accept is refused by field', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  await journal.append(entry('file', [{ ...web, scheduler: 'wlc' as never }]))
  await journal.close()
  t.throws(() => readJournal(directory), { code: 'invalid', errors: [{ path: 'base[0].scheduler' }] })
})

t.test('what the version before listeners wrote is read', async (t) => {
  const directory = t.testdir()
  const old = (name: string, port: number, host: string) => ({
    ...{ name, protocol: 'tcp', address: '203.0.113.10', port, scheduler: 'wrr', forwarding: 'dr', stray: 'reset' },
    servers: [{ address: `10.0.0.${host}`, port, weight: 1 }],
  })
  const time = '2026-01-01T00:00:00.000Z'
  const one = [old('web', 80, '11')]
  const records = [
    { number: 1, time, fileDigest: 'one', summary: 'configuration file', base: one, services: one },
    { number: 2, time, summary: 'more', at: 1, removed: 0, added: [old('mail', 25, '11')] },
  ]
  writeFileSync(join(directory, 'journal'), records.map(encodeLine).join(''))
  const services = [service('web', 80, '11'), service('mail', 25, '11')]
  t.strictSame(readJournal(directory), { fileDigest: 'one', base: services.slice(0, 1), services })
  const journal = await openJournal(directory)
  await journal.append(entry('api', services.slice(1)))
  await journal.close()
  t.strictSame(readJournal(directory)?.services, services.slice(1))
})

t.test('a disk that fails takes nothing in', async (t) => {
  const directory = t.testdir()
  const journal = await openJournal(directory)
  await journal.append(entry('file', [web]))
  await journal.close()
  await t.rejects(journal.append(entry('api', [web, mail])), { message: /journal could not be written/ })
  await t.rejects(journal.append(entry('api', [web, mail])), { message: /journal could not be written/ })
  t.strictSame(readJournal(directory)?.services, [web])
  const file = join(directory, 'journal')
  t.throws(() => readJournal(file), { code: 'ENOTDIR' })
  await t.rejects(openJournal(join(file, 'state')), { code: 'ENOTDIR' })
})
