// SPDX-License-Identifier: Apache-2.0
// What xlvsd pins, finds, refuses and leaves: a start that dies half-way, another program, other limits, other interfaces.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Controller } from '../../vagrant/controller.js'
import { startLab } from '../../vagrant/lab.js'
import { machineOf, readTopology, root } from '../../vagrant/topology.js'
import { webService } from '../../vagrant/traffic.js'
import { until } from './stage.js'

const whole = readTopology()
const only = ['router', 'director', 'server1']
const machines = Object.fromEntries(only.map((name) => [name, machineOf(whole, name)]))
const lab = startLab({ topology: { ...whole, machines } })
t.teardown(() => lab.close())
const controller = new Controller(lab, 'director')
const pins = lab.pins('director')
const services = [webService(lab)]
const limits = { connections: 65536, services: 64, servers: 256, ringSlots: 65536 }

async function fresh(settings: Record<string, unknown> = {}): Promise<void> {
  await controller.stop('SIGKILL')
  await controller.detach()
  controller.configure(services, { limits, ...settings })
}

const pinned = () => (existsSync(pins) ? readdirSync(pins) : [])
/** Of a first start. */
const moments: Record<string, (pins: readonly string[]) => boolean> = {
  'amid the maps': ({ length }) => length >= 7,
  'before or after the link': (pins) => pins.includes('pinned_identity'),
}

const run = () => controller.command('xlvsd', ['--config', controller.configPath])
const director = (...command: [string, ...string[]]) => lab.do('director', ...command)
const carries = (device = 'eth1') => /prog\/xdp id (\d+)/.exec(director('ip', '-d', 'link', 'show', device))?.[1]
const contents = () =>
  ['servers', 'services', 'listeners', 'vips', 'interfaces', 'settings'].map((map) =>
    director('bpftool', 'map', 'dump', 'pinned', `${pins}/${map}`),
  )

t.test('a start that is killed half-way is completed by the next', async (t) => {
  for (const [moment, isThere] of Object.entries(moments)) {
    await fresh()
    const dying = lab.start('director', process.execPath, [`${root}bin/xlvsd`, '--config', controller.configPath])
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    while (!isThere(pinned())) await nextTurn()
    dying.kill('SIGKILL')
    await gone
    const left = pinned().length
    await controller.start()
    t.equal((await controller.api('GET', '/v1/config')).body.services.length, 1, `${moment}, with ${left} pins`)
  }
})

t.test('maps without the mark are made anew', async (t) => {
  await fresh()
  await controller.start()
  await controller.stop('SIGKILL')
  for (const name of ['link_eth1', 'program', 'pinned_identity', 'loads']) rmSync(`${pins}/${name}`)
  await controller.start()
  t.match(controller.log(), /program loaded with new maps.*$/m)
  t.ok(existsSync(`${pins}/loads`))
})

t.test('a restart finds everything, and writes nothing', async (t) => {
  await fresh()
  await controller.start()
  await until('the server is resolved', async () => /server resolved/.test(controller.log()))
  const before = contents()
  const program = carries()
  t.equal(statSync(pins).mode & 0o777, 0o700, 'for root alone')
  await controller.stop('SIGKILL')
  await controller.start()
  t.strictSame(contents(), before)
  t.not(carries(), program, 'the program is another one, on the same link')
})

t.test('one xlvsd at a time', async (t) => {
  const { code, stderr } = await run()
  t.match({ code, stderr }, { code: 2, stderr: /^xlvsd: stateDir: another xlvsd is using / })
  controller.configure(services, { limits, stateDir: `${lab.directory}/elsewhere` })
  const other = await run()
  t.match(other, { code: 2, stderr: /^xlvsd: pinDir: another xlvsd is using / })
})

t.test('limits that the pinned maps contradict are refused, one by one', async (t) => {
  await controller.stop('SIGTERM')
  controller.configure(services, { limits: { ...limits, connections: 1000, servers: 300 } })
  const program = carries()
  const { code, stderr } = await run()
  t.equal(code, 2)
  t.match(stderr, /^xlvsd: limits\.connections: .*65536.*1000.*xlvsd: limits\.servers: .*256.*300/s)
  t.equal(carries(), program, 'the data plane goes on as it was')
})

t.test('pins without the mark under a live link are not touched', async (t) => {
  controller.configure(services, { limits })
  rmSync(`${pins}/pinned_identity`)
  const { code, stderr } = await run()
  t.match({ code, stderr }, { code: 2, stderr: /^xlvsd: pinDir: .*no pinned_identity.*xlvsd detach/ })
  t.ok(carries())
})

t.test('another program on the interface stays', async (t) => {
  await fresh()
  const elsewhere = `${pins}-other`
  t.teardown(() => rmSync(elsewhere, { recursive: true, force: true }))
  const loaded = await controller.command('xlvsd', ['load', '--interfaces', 'eth1', '--pin-dir', elsewhere])
  t.match(loaded, { code: 0, stdout: /^eth1: native XDP, empty maps/ })
  const program = carries()
  const { code, stderr } = await run()
  t.match({ code, stderr }, { code: 2, stderr: /^xlvsd: interfaces\[0\]: eth1 already carries another XDP program/ })
  t.equal(carries(), program)
  t.match(await controller.command('xlvsd', ['unload', '--pin-dir', elsewhere]), { code: 0, stdout: /detached from eth1/ })
  t.equal(carries(), undefined)
  t.notOk(existsSync(elsewhere))
})

t.test('what load left is adopted, whatever the limits', async (t) => {
  await fresh()
  t.equal((await controller.command('xlvsd', ['load', '--interfaces', 'eth1', '--pin-dir', pins])).code, 0)
  const link = linkId()
  await controller.start()
  t.equal(linkId(), link, 'the link stays')
  t.equal((await controller.api('GET', '/v1/status')).body.limits.connections, 65536)
})

t.test('an interface that is not there is named', async (t) => {
  await fresh({ interfaces: ['eth1', 'eth7'] })
  t.match(await run(), { code: 2, stderr: 'xlvsd: interfaces[1]: there is no interface eth7\n' })
  t.equal(carries(), undefined)
})

t.test('an interface is taken off the list, and another made anew', async (t) => {
  director('ip', 'link', 'add', 'v.7', 'type', 'veth', 'peer', 'name', 'v8')
  t.teardown(() => director('ip', 'link', 'delete', 'v.7'))
  await fresh({ interfaces: ['eth1', 'v.7'] })
  await controller.start()
  t.ok(carries('v.7'), 'a dot in its name does no harm')
  director('ip', 'link', 'delete', 'v.7')
  await until('it is missed', () => /"interface":"v\.7".*interface is gone/.test(controller.log()), 4)
  director('ip', 'link', 'add', 'v.7', 'type', 'veth', 'peer', 'name', 'v8')
  await until('it carries the program again', () => carries('v.7') !== undefined, 4)
  await controller.stop('SIGTERM')
  controller.configure(services, { limits })
  await controller.start()
  t.equal(carries('v.7'), undefined)
  t.strictSame(
    readdirSync(pins).filter((name) => name.startsWith('link_')),
    ['link_eth1'],
  )
})

t.test('a detach beside a running controller leaves nothing, and that stops', async (t) => {
  await fresh()
  await controller.start()
  const log = controller.log().length
  t.equal((await controller.detach()).code, 0)
  t.equal(carries(), undefined)
  t.notOk(existsSync(pins))
  t.notMatch(director('ip', 'address', 'show'), new RegExp(lab.vip))
  await until('xlvsd has ended', () => !existsSync(`/proc/${controller.pid}/exe`), 5)
  t.match(controller.log().slice(log), /taken away/)
  t.notOk(existsSync(pins), 'and put nothing back')
})

function linkId(): string | undefined {
  return /^(\d+):/.exec(director('bpftool', 'link', 'show', 'pinned', `${pins}/link_eth1`))?.[1]
}
