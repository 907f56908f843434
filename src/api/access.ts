// SPDX-License-Identifier: Apache-2.0
// Who may call over TCP: bearers of a token (RFC 6750), under a Host name that is ours, so that no web page can rebind its way in.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { UserError } from '../model/errors.js'

/** A token as kept in memory: whose it is, and the digest of its text. */
export interface Token {
  readonly name: string
  readonly digest: Buffer
}

const SHORTEST = 16
const LINE = /^(?:(?<name>[A-Za-z0-9._-]+):)?(?<token>[A-Za-z0-9._~+/-]+=*)$/

/** The tokens of a file with one `token` or `name:token` a line; `#` starts a comment. Throws an Error that names the file and line. */
export function readTokens(file: string): readonly Token[] {
  const mode = statSync(file).mode
  if ((mode & 0o007) !== 0) throw new Error(`${file}: must not be open to others (chmod o= ${file})`)
  const tokens = parseTokens(readFileSync(file, 'utf8'), file)
  if (tokens.length === 0) throw new Error(`${file}: holds no token`)
  return tokens
}

export function parseTokens(text: string, file: string): readonly Token[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/#.*/, '').trim()
    if (line === '') return []
    const { name = `line ${index + 1}`, token } = LINE.exec(line)?.groups ?? {}
    if (token === undefined) throw new Error(`${file}:${index + 1}: must be a token or name:token`)
    if (token.length < SHORTEST) throw new Error(`${file}:${index + 1}: a token must have at least ${SHORTEST} characters`)
    return [{ name, digest: digest(token) }]
  })
}

/** Refuses a request without a valid token; every token is compared, each in constant time. */
export function checkToken(tokens: readonly Token[], request: FastifyRequest): void {
  const offered = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const mark = digest(offered ?? '')
  const matches = tokens.filter((token) => timingSafeEqual(token.digest, mark))
  if (offered === undefined) throw new UserError('unauthorized', 'The Authorization header must be: Bearer TOKEN')
  if (matches.length === 0) throw new UserError('unauthorized', 'The token is not one of this director')
}

/** Refuses a request whose Host header names none of `hosts`, whatever its port. */
export function checkHost(hosts: readonly string[], request: FastifyRequest): void {
  const host = hostName(request.headers.host ?? '')
  if (!hosts.includes(host))
    throw new UserError('forbiddenHost', `Host: must be one of ${hosts.join(', ')}`, [
      { path: 'Host', message: `must be one of ${hosts.join(', ')}` },
    ])
}

/** `[::1]:8080` → `::1`, `Localhost:80` → `localhost`. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header)?.[1]
  if (bracketed !== undefined) return isIPv6(bracketed) ? bracketed.toLowerCase() : ''
  return header.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
