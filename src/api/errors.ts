// SPDX-License-Identifier: Apache-2.0
// Every refusal leaves as a problem document (RFC 9457), whoever raised it: a route, the director, Fastify or node itself.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type FieldError, UserError } from '../model/errors.js'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors: readonly FieldError[]
}

/** The path of an error about the body as a whole. */
const BODY = 'body'
/** A body can have more errors than anybody reads. */
const MOST_ERRORS = 100

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** A problem that is no UserError: its title is the status code's own phrase, as RFC 9457 wants of `about:blank`. */
export function plainProblem(status: number, detail: string, errors: readonly FieldError[] = []): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, errors }
}

/** The document that answers `error`; what is not the caller's fault says nothing about the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof UserError) return userProblem(error)
  const { code, statusCode = 500, message } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return userProblem(tooLarge())
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return userProblem(new UserError('unsupportedMedia', 'The body must be application/json'))
  if (statusCode >= 400 && statusCode < 500) return plainProblem(statusCode, message ?? '')
  return plainProblem(500, 'The request could not be carried out; the log of xlvsd says why')
}

/** Field errors in one sentence; one about the body as a whole has no path. */
export function told(errors: readonly FieldError[]): string {
  return errors.map(({ path, message }) => `${path || BODY}: ${message}`).join('; ')
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
}

export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error)
  if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer')
  if (problem.status >= 500 && !(error instanceof UserError))
    request.log.error({ err: error, method: request.method, url: request.url }, 'request failed')
  return sendProblem(reply, problem)
}

/** Answers what node could not read as HTTP at all, on the bare socket. */
export function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = unreadable(error.code)
  const body = JSON.stringify(problem)
  const head = `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`
  socket.end(head + body)
}

function unreadable(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return plainProblem(431, 'The headers are larger than 16 KiB')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return plainProblem(408, 'The request did not arrive in time')
  return plainProblem(400, 'The request is not valid HTTP/1.1')
}

function tooLarge(): UserError {
  return new UserError('tooLarge', 'The body may be 8 MiB long', [{ path: '', message: 'must be at most 8 MiB long' }])
}

function userProblem({ code, title, status, message, errors }: UserError): Problem {
  const told = errors.slice(0, MOST_ERRORS).map((error) => ({ path: error.path || BODY, message: error.message }))
  return { type: `urn:xlvs:problem:${kebab(code)}`, title, status, detail: message, errors: told }
}

function kebab(code: string): string {
  return code.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
