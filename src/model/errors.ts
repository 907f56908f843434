// SPDX-License-Identifier: Apache-2.0
// The catalogue of errors that a user can cause: code, sentence, status.

/** One thing wrong: where (`services[2].servers[0].weight`, as the user wrote it) and what. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

const catalogue = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid token is required' },
  forbiddenHost: { status: 403, title: 'The Host header names no address of this director' },
  notFound: { status: 404, title: 'No such resource' },
  conflict: { status: 409, title: 'The name or the address, port and protocol are taken' },
  tooLarge: { status: 413, title: 'The request body is too large' },
  unsupportedMedia: { status: 415, title: 'The media type is not supported' },
  tooMany: { status: 422, title: 'A limit of this director is exceeded' },
  notReady: { status: 503, title: 'The director is not ready' },
} as const

export type ErrorCode = keyof typeof catalogue

export class UserError extends Error {
  readonly status: number
  readonly title: string
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail)
    this.name = 'UserError'
    this.status = catalogue[code].status
    this.title = catalogue[code].title
  }
}
