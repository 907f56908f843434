// SPDX-License-Identifier: Apache-2.0
// /healthz says that the process answers, /readyz that the desired state has reached the maps.
import type { FastifyInstance } from 'fastify'
import type { Director } from '../director/view.js'
import { UserError } from '../model/errors.js'
import { answers } from './openapi.js'
import { ReadySchema } from './schemas.js'

const tags = ['probes']

export function healthRoutes(app: FastifyInstance, director: Director): void {
  app.get('/healthz', { schema: { tags, summary: 'Alive', response: answers(200, ReadySchema) } }, () => ({ status: 'ok' }))

  app.get(
    '/readyz',
    { schema: { tags, summary: 'Ready: the configuration is in force', response: answers(200, ReadySchema) } },
    () => {
      if (!director.ready()) throw new UserError('notReady', 'The configuration has not reached the data plane yet')
      return { status: 'ok' }
    },
  )
}
