// SPDX-License-Identifier: Apache-2.0
// What answers a request that no route takes: 405 with the methods that the address has, or 404.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { UserError } from '../model/errors.js'
import { type Problem, plainProblem, problemOf } from './errors.js'

/** The methods of each route by its pattern, as a matcher of paths. */
export type Methods = Map<string, { readonly matches: RegExp; readonly methods: Set<string> }>

/** Fills itself as routes are added to `app`; to be called before them. */
export function rememberMethods(app: FastifyInstance): Methods {
  const known: Methods = new Map()
  app.addHook('onRoute', ({ url, method }) => {
    const route = known.get(url) ?? { matches: pattern(url), methods: new Set<string>() }
    for (const one of [method].flat()) route.methods.add(one)
    known.set(url, route)
  })
  return known
}

export function answerMissing(known: Methods, request: FastifyRequest, reply: FastifyReply): Problem {
  const path = request.url.replace(/\?.*/s, '')
  const allowed = [...known.values()].filter((route) => route.matches.test(path)).flatMap((route) => [...route.methods])
  if (allowed.length === 0) return problemOf(new UserError('notFound', `There is nothing at ${path}`))
  reply.header('Allow', allowed.join(', '))
  return plainProblem(405, `${request.method} is not a method of ${path}; it has ${allowed.join(', ')}`)
}

function pattern(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, '[^/]+').replace(/\\\*$/, '.+')}$`)
}
