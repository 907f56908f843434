// SPDX-License-Identifier: Apache-2.0
// /v1/status
import type { FastifyInstance } from 'fastify'
import type { Director } from '../director/view.js'
import { answers } from './openapi.js'
import { StatusSchema } from './schemas.js'

export function statusRoutes(app: FastifyInstance, director: Director): void {
  app.get(
    '/v1/status',
    {
      schema: {
        tags: ['observe'],
        summary: 'Version, uptime, interfaces, fill of the table',
        response: answers(200, StatusSchema),
      },
    },
    () => director.status(),
  )
}
