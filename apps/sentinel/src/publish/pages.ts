import { createServer, type Server } from 'node:http'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import { createHotFiles } from './hot-files.ts'
import type { Files } from './render.ts'
import { policyOf, securityHeadersOf } from './security-headers.ts'

export const PAGES_BOUNDS = {
  /** Largest request body: a form, or the observations of another post. */
  bodyBytesMax: 256 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 20_000,
  /** Most simultaneous connections. Further ones are closed at once. */
  connectionsMax: 20_000,
} as const

export interface Pages {
  /** For the routes of other parts: operator page, subscriptions, reports of other posts. Add them before `app.listen`. */
  readonly app: FastifyInstance
  readonly server: Server
  /** Replaces the served files. */
  show(files: Files): void
  /** Runs before each answer, so it must be cheap. */
  beforeAnswer(run: () => void): void
}

/** The HTTP server of the public pages. Published files are answered from memory before anything else runs. Fastify handles the rest. */
export async function createPages(options: {
  readonly failed: (cause: unknown) => void
  /** Whether people reach the server by https. */
  readonly secure: boolean
  /** The address people know, such as https://status.example.kr. Forms may be sent there from a page that was reached at another address. */
  readonly origin?: string
}): Promise<Pages> {
  const policy = policyOf(options.origin ?? null)
  const security = securityHeadersOf(policy, options.secure)
  const hot = createHotFiles(security)
  let before = (): void => undefined
  const listeners: Server[] = []
  const app = Fastify({
    bodyLimit: PAGES_BOUNDS.bodyBytesMax,
    logger: false,
    return503OnClosing: true,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    serverFactory(handle) {
      const server = createServer(
        {
          headersTimeout: PAGES_BOUNDS.headersMs,
          requestTimeout: PAGES_BOUNDS.requestMs,
          keepAliveTimeout: PAGES_BOUNDS.keepAliveMs,
          connectionsCheckingInterval: 5_000,
          noDelay: true,
        },
        (request, response) => {
          try {
            before()
          } catch (cause) {
            // A failed rendering must not take down the present page.
            options.failed(cause)
          }
          if (!hot.answer(request, response)) handle(request, response)
        },
      )
      server.maxConnections = PAGES_BOUNDS.connectionsMax
      listeners.push(server)
      return server
    },
    clientErrorHandler(_error, socket) {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
      else socket.destroy()
    },
    frameworkErrors: (_error, request, reply) => {
      void reply.hijack()
      hot.answerMissing(request.raw, reply.raw)
    },
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: Object.fromEntries(Object.entries(policy).map(([name, sources]) => [name, [...sources]])),
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: options.secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('permissions-policy', security['permissions-policy'])
    // An answer that is no published file concerns one person or changes something, so nobody may cache it.
    if (reply.getHeader('cache-control') === undefined) void reply.header('cache-control', 'no-store')
  })
  app.setNotFoundHandler((request, reply) => {
    void reply.hijack()
    hot.answerMissing(request.raw, reply.raw)
  })
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500
    if (status === 500) options.failed(error)
    return reply.code(status).send({ error: status === 500 ? 'internal' : 'refused' })
  })
  const server = listeners[0]
  if (server === undefined) throw new Error('Fastify has made no server.')
  return {
    app,
    server,
    show: (files) => hot.replace(files),
    beforeAnswer(run) {
      before = run
    },
  }
}
