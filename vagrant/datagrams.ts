// SPDX-License-Identifier: Apache-2.0
// Both ends of the lab's UDP service, run inside its machines.
//   datagrams.js serve NAME ADDRESS PORT                     answers `NAME SHA256` to whatever comes, from ADDRESS
//   datagrams.js ask ADDRESS PORT COUNT SIZE PER_SECOND FLOWS   prints `NUMBER NAME` for each right answer
import { createHash, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

const digest = (payload: Buffer) => createHash('sha256').update(payload).digest('hex')

function serve(name: string, address: string, port: number): void {
  const socket = createSocket('udp4')
  socket.on('message', (payload, from) => socket.send(`${name} ${digest(payload)}`, from.port, from.address))
  socket.bind(port, address, () => console.log('ready'))
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
  const socket = createSocket('udp4')
  socket.connect(port, address)
  await once(socket, 'connect')
  return socket
}

const [mode, ...words] = process.argv.slice(2)
const [first = '', second = '', ...rest] = words
if (mode === 'serve') serve(first, second, Number(rest[0]))
else if (mode === 'ask') {
  const [count = 1, size = 64, perSecond = 1000, flows = 1] = rest.map(Number)
  await ask(first, Number(second), count, size, perSecond, flows)
}
