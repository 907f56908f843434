// SPDX-License-Identifier: Apache-2.0
// Requests to xlvsd, over its unix socket or TCP.
import { type IncomingMessage, request } from 'node:http'
import type { Problem } from '../api/errors.js'

/** Where the API is, as `--api` names it. */
export interface Api {
  /** As the user wrote it. */
  readonly name: string
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number
  readonly token?: string
}

/** Ends the command: one or more sentences for stderr. 1: it could not be done; 2: it was not said right. */
export class Failure extends Error {
  constructor(
    readonly sentences: readonly string[],
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(sentences.join('; '))
    this.name = 'Failure'
  }
}

export type Get = (path: string) => Promise<unknown>

const TIMEOUT_SECONDS = 30

/** `unix:/path` or `http://host:port`; anything else is a Failure. */
export function parseApi(name: string, token: string | undefined): Api {
  const withToken = token ? { token } : {}
  if (/^unix:\/./.test(name)) return { name, socketPath: name.slice('unix:'.length), ...withToken }
  const url = URL.canParse(name) ? new URL(name) : undefined
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '')
    throw new Failure([`--api: must be unix:/path or http://host:port, got ${JSON.stringify(name)}`], 2)
  return { name, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), ...withToken }
}

/** The JSON at `path`; a Failure says what the API, or the way to it, refused. */
export async function get(api: Api, path: string): Promise<unknown> {
  const response = await send(api, path)
  const text = await read(response)
  const document = parse(api, text)
  if (response.statusCode === 200) return document
  const hint = response.statusCode === 401 ? ['XLVS_TOKEN holds the token'] : []
  throw new Failure([...sentences(document as Partial<Problem>, response.statusCode), ...hint])
}

function send(api: Api, path: string): Promise<IncomingMessage> {
  const { name, token, ...where } = api
  const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path, headers }, resolve)
    sent.setTimeout(TIMEOUT_SECONDS * 1000, () => sent.destroy(new Failure([`no answer from ${name} in ${TIMEOUT_SECONDS} s`])))
    sent.on('error', (error) => reject(error instanceof Failure ? error : new Failure([unreachable(api, error)])))
    sent.end()
  })
}

function unreachable({ name, socketPath }: Api, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return `no xlvsd at ${name} (is it running? --api or XLVS_API names another)`
  if (error.code === 'EACCES') return `${name}: permission denied (${socketPath} is for root and its group)`
  return `${name}: ${error.message}`
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parse({ name }: Api, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure([`${name} does not answer as xlvsd does`])
  }
}

function sentences({ errors = [], detail, title }: Partial<Problem>, status = 0): string[] {
  if (errors.length > 0) return errors.map(({ path, message }) => `${path}: ${message}`)
  return [detail || title || `the API answered ${status}`]
}
