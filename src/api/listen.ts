// SPDX-License-Identifier: Apache-2.0
// Where the API listens: `unix:/path`, or `address:port` for bearers of tokens.
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'

export type Listen =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

const SOCKET_MODE = 0o660

/** What `api.listen` says. Throws an Error that says what it must be. */
export function parseListen(text: string): Listen {
  if (/^unix:\/./.test(text)) return { kind: 'unix', path: text.slice('unix:'.length) }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65535) throw new Error('must be unix:/path or address:port')
  return { kind: 'tcp', host, port: Number(port) }
}

/** Listens, and resolves to where, as `--api` takes it. */
export async function listen(app: FastifyInstance, where: Listen): Promise<string> {
  if (where.kind === 'tcp') {
    await app.listen({ host: where.host, port: where.port })
    const host = where.host.includes(':') ? `[${where.host}]` : where.host
    return `http://${host}:${(app.server.address() as AddressInfo).port}`
  }
  await clearSocket(where.path)
  makeFolder(dirname(where.path))
  await listenPrivately(app, where.path)
  return `unix:${where.path}`
}

/** Open to all, for the socket's own mode decides; one that is there already stays as it is. */
function makeFolder(path: string): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o755)
}

/** Removes the socket that a dead process left at `path`; rejects if a live one answers there or it is no socket. */
async function clearSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket()) throw new Error(`${path} exists and is no socket`)
  if (await answered(path)) throw new Error(`${path}: another process listens there`)
  unlinkSync(path)
}

/** Resolves to whether somebody accepts at `path`; rejects if that can't be told. */
function answered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false)
      else reject(error)
    })
  })
}

/** By the umask the socket has its mode from the first moment on. */
async function listenPrivately(app: FastifyInstance, path: string): Promise<void> {
  const before = process.umask(0o777 & ~SOCKET_MODE)
  try {
    await app.listen({ path })
  } finally {
    process.umask(before)
  }
}

/** The names that the Host header may give for a listener on `host`: itself; for a wildcard, whatever this machine is. */
export function hostsOf(host: string): () => readonly string[] {
  if (host === '0.0.0.0' || host === '::') return () => ['localhost', hostname().toLowerCase(), ...localAddresses()]
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return () => ['localhost', host]
  return () => [host.toLowerCase()]
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
}
