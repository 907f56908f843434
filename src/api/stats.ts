// SPDX-License-Identifier: Apache-2.0
// /v1/stats
import type { FastifyInstance } from 'fastify'
import type { Director } from '../director/view.js'
import { answers, answersNothing } from './openapi.js'
import { StatisticsSchema } from './schemas.js'

const tags = ['observe']

export function statsRoutes(app: FastifyInstance, director: Director): void {
  app.get(
    '/v1/stats',
    {
      schema: {
        tags,
        summary: 'Totals and rates by service and server, and packets by outcome',
        response: answers(200, StatisticsSchema),
      },
    },
    () => director.statistics(),
  )

  app.post(
    '/v1/stats/reset',
    { schema: { tags, summary: 'Start the totals again from zero', response: answersNothing } },
    (_, reply) => {
      director.resetStatistics()
      return reply.code(204).send()
    },
  )
}
