// SPDX-License-Identifier: Apache-2.0
// HTTP through the VIP to real nginx: whose turn it is, and which way the answers go.
import t from 'tap'
import { countReplies, repliesBy } from '../../vagrant/replies.js'
import { requests, sequence, tally, webService } from '../../vagrant/traffic.js'
import { stage, until } from './stage.js'

const { lab, controller } = await stage(t)

//                       weights     turns                (spec: IPVS's own order)
const turns: [scheduler: string, weights: number[], turns: string][] = [
  ['rr', [1, 1, 1], '123'],
  ['rr', [5, 1, 1], '123'],
  ['rr', [1, 0, 1], '13'],
  ['wrr', [4, 3, 2], '112123123'],
  ['wrr', [5, 1, 1], '1111123'],
  ['wrr', [10, 5, 0], '112'],
  ['wrr', [3, 0, 2], '11313'],
  ['wrr', [6, 4, 0], '11212'],
  ['wrr', [3, 2, 1], '112123'],
]

for (const [scheduler, weights, expected] of turns) {
  t.test(`${scheduler} with weights ${weights} takes turns ${expected}`, async (t) => {
    const { name: _, ...change } = webService(lab, weights, { scheduler })
    const before = ['server1', 'server2', 'server3'].map((server) => lab.answered(server).length)
    const { status } = await controller.api('PATCH', '/v1/services/web', change)
    t.equal(status, 200)
    const { answers, failures } = await requests(lab, expected.length * 3)
    t.equal(failures, 0)
    t.equal(sequence(answers), expected.repeat(3))
    const counted = tally(answers)
    const logged = () =>
      ['server1', 'server2', 'server3'].map((server, index) => lab.answered(server).length - (before[index] ?? 0))
    // nginx writes its log after it has answered
    await until('the logs have every request', () => logged().reduce((sum, count) => sum + count) >= answers.length)
    t.strictSame(
      logged(),
      ['server1', 'server2', 'server3'].map((server) => counted.get(server) ?? 0),
      'and so say their logs',
    )
  })
}

t.test('answers go straight from the servers to the client', async (t) => {
  await controller.api('PATCH', '/v1/services/web', { scheduler: 'rr', servers: webService(lab).servers })
  countReplies(lab)
  const { failures } = await requests(lab, 30)
  t.equal(failures, 0)
  const replies = repliesBy(lab)
  t.equal(replies.get('director'), 0, 'none comes from the director')
  for (const server of ['server1', 'server2', 'server3']) t.ok((replies.get(server) ?? 0) >= 40, `${server} answers by itself`)
})

t.test('the client sees the VIP, the server the client', async (t) => {
  const { stdout } = await lab.run('client', 'curl', ['-s', '--max-time', '5', '-w', '%{remote_ip}', `http://${lab.vip}/`])
  t.match(stdout, new RegExp(`\\n${lab.vip}$`))
  for (const server of ['server1', 'server2', 'server3']) {
    t.ok(lab.answered(server).every((line) => line.startsWith(`${lab.address('client')}:`) && line.includes(` ${lab.vip}:80 `)))
  }
})

t.test('what the director owns but does not balance is its own', async (t) => {
  const ping = await lab.run('client', 'ping', ['-c', '1', '-W', '2', lab.vip])
  t.equal(ping.code, 0, 'the VIP answers ping')
  const closed = await lab.run('client', 'curl', ['-s', '--max-time', '3', `http://${lab.vip}:81/`])
  t.equal(closed.code, 7, 'a port without a service is refused by the director, at once')
})
