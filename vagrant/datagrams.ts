// SPDX-License-Identifier: Apache-2.0
// Both ends of the lab's UDP service, run inside its machines.
//   datagrams.js serve NAME PORT ADDRESS...                     answers `NAME SHA256`, as long as what came, from where it came to
//   datagrams.js ask ADDRESS PORT COUNT SIZE PER_SECOND FLOWS   prints `NUMBER NAME` for each right answer
import { createHash, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const digest = (payload: Buffer) => createHash('sha256').update(payload).digest('hex')

async function serve(name: string, port: number, addresses: readonly string[]): Promise<void> {
  await Promise.all(addresses.map((address) => answerAt(name, port, address)))
  console.log('ready')
}

async function answerAt(name: string, port: number, address: string): Promise<void> {
  const socket = socketFor(address)
  socket.on('message', (payload, from) =>
    socket.send(`${name} ${digest(payload)} `.padEnd(payload.length, '.'), from.port, from.address),
  )
  socket.bind(port, address)
  await once(socket, 'listening')
}

function socketFor(address: string): Socket {
  return createSocket(isIPv6(address) ? 'udp6' : 'udp4')
}

/** The n-th datagram starts with its number; the answer is known by its digest. */
async function ask(address: string, port: number, count: number, size: number, perSecond: number, flows: number): Promise<void> {
  const numbers = new Map<string, number>()
  const sockets = await Promise.all(Array.from({ length: flows }, () => connected(address, port)))
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.on('message', (answer) => {
      const [name, hash = ''] = answer.toString().split(' ')
      const number = numbers.get(hash)
      if (number !== undefined) console.log(`${number} ${name}`)
      numbers.delete(hash)
    })
  }
  const start = performance.now()
  for (let number = 0; number < count; number++) {
    const wait = start + (number * 1000) / perSecond - performance.now()
    if (wait > 1) await delay(wait)
    const payload = Buffer.concat([Buffer.from(`${number} `), randomBytes(size)]).subarray(0, size)
    numbers.set(digest(payload), number)
    sockets[number % flows]?.send(payload)
  }
  const end = performance.now() + 1500
  while (numbers.size > 0 && performance.now() < end) await delay(10)
  for (const socket of sockets) socket.close()
}

async function connected(address: string, port: number): Promise<Socket> {
  const socket = socketFor(address)
  socket.connect(port, address)
  await once(socket, 'connect')
  return socket
}

const [mode, ...words] = process.argv.slice(2)
const [first = '', second = '', ...rest] = words
if (mode === 'serve') await serve(first, Number(second), rest)
else if (mode === 'ask') {
  const [count = 1, size = 64, perSecond = 1000, flows = 1] = rest.map(Number)
  await ask(first, Number(second), count, size, perSecond, flows)
}
