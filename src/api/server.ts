// SPDX-License-Identifier: Apache-2.0
// The API as a whole: its bounds, who may call, its routes. Each file beside this one holds one resource.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Director } from '../director/view.js'
import { checkHost, checkToken, type Token } from './access.js'
import { configRoutes } from './config.js'
import { connectionRoutes } from './connections.js'
import { handleClientError, handleError, sendProblem } from './errors.js'
import { healthRoutes } from './health.js'
import { metricsRoutes } from './metrics.js'
import { answerMissing, rememberMethods } from './missing.js'
import { openApi } from './openapi.js'
import { acceptJson, compileValidator } from './requests.js'
import { serverRoutes } from './servers.js'
import { serviceRoutes } from './services.js'
import { statsRoutes } from './stats.js'
import { statusRoutes } from './status.js'

export interface ApiOptions {
  readonly director: Director
  readonly log: FastifyBaseLogger
  /** Who may call; absent on a unix socket, where the file's mode decides. */
  readonly tokens?: readonly Token[]
  /** The names that a Host header may give, asked at each request; absent on a unix socket. */
  readonly hosts?: () => readonly string[]
}

const bounds = {
  bodyLimit: 8 * 1024 * 1024,
  /** Milliseconds: a silent connection, and a whole request with its body. */
  connectionTimeout: 60_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 20_000,
  routerOptions: { maxParamLength: 128 },
  http: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000 },
}
const MAXIMUM_CONNECTIONS = 256
/** How long a request under way may take once the API closes. */
const FAREWELL_MILLISECONDS = 2000

/** Routes that tell a caller nothing worth a token: probes, and the description of the API. */
const OPEN = /^\/(healthz|readyz|openapi\.json|docs(\/.*)?)$/

/** The API over `director`, not yet listening (see listen.ts). */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    ...bounds,
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    clientErrorHandler: handleClientError,
    frameworkErrors: (error, request, reply) => {
      handleError(error, request, reply)
    },
  })
  app.server.maxConnections = MAXIMUM_CONNECTIONS
  app.setErrorHandler(handleError)
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => (document) => JSON.stringify(document))
  acceptJson(app)
  guard(app, options)
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), FAREWELL_MILLISECONDS).unref()
  })

  const methods = rememberMethods(app)
  app.setNotFoundHandler((request, reply) => sendProblem(reply, answerMissing(methods, request, reply)))
  await app.register(swagger, openApi)
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  for (const routes of resources) routes(app, options.director)
  return app
}

const resources = [
  serviceRoutes,
  serverRoutes,
  connectionRoutes,
  statsRoutes,
  configRoutes,
  statusRoutes,
  healthRoutes,
  metricsRoutes,
]

function guard(app: FastifyInstance, { tokens, hosts }: ApiOptions): void {
  app.addHook('onRequest', async (request) => {
    if (hosts) checkHost(hosts(), request)
    if (tokens && !OPEN.test(request.routeOptions.url ?? '')) checkToken(tokens, request)
  })
}
