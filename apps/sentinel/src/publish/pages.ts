import { createServer, type IncomingMessage, type Server } from 'node:http'
import Fastify from 'fastify'
import { createHotFiles } from './hot-files.ts'
import type { Files } from './render.ts'

export const PAGES_BOUNDS = {
  /** Largest request body: a form, or the observations of another post. */
  bodyBytesMax: 256 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 20_000,
  /** Most simultaneous connections. Further ones are closed at once. */
  connectionsMax: 20_000,
} as const

/** How a request begins by which a device tells the sentinel something [F7]. */
const WORD_START = '/status.json?'

export type Pages = ReturnType<typeof createPages>

/** The HTTP server of the public pages. Published files are answered from memory before anything else runs. Fastify handles the rest. */
export function createPages(options: {
  readonly failed: (cause: unknown) => void
  /** Whether people reach the server by https. */
  readonly secure: boolean
  /** The address people know, such as https://status.example.kr. Forms may be sent there from a page that was reached at another address. */
  readonly origin?: string
}) {
  const security = securityHeadersOf(options.origin ?? null, options.secure)
  const hot = createHotFiles(security)
  let before = (): void => undefined
  let hear = (_query: string, _request: IncomingMessage): void => undefined
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
            if (request.url?.startsWith(WORD_START) === true) hear(request.url.slice(WORD_START.length), request)
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
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(security)) if (!reply.hasHeader(name)) void reply.header(name, value)
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
    /** For the routes of other parts: operator page, subscriptions, reports of other posts. Add them before `app.listen`. */
    app,
    server,
    show: (files: Files): void => hot.replace(files),
    /** Runs before each answer, so it must be cheap. */
    beforeAnswer(run: () => void): void {
      before = run
    },
    /** Runs before each answer to a request for status.json with a query, so it must be cheap. */
    onWord(run: (query: string, request: IncomingMessage) => void): void {
      hear = run
    },
  }
}

/**
 * Headers of every answer: pages load from this origin, send forms to this origin, and do nothing else.
 * @param formOrigin an additional origin for forms: the address people know, for visitors who came by another one.
 * @param secure whether people reach the server by https.
 */
export function securityHeadersOf(formOrigin: string | null, secure: boolean): Readonly<Record<string, string>> {
  // A policy cannot name an IPv6 address. There, 'self' must suffice.
  const forms = formOrigin === null || formOrigin.includes('[') ? "'self'" : `'self' ${formOrigin}`
  return {
    'content-security-policy':
      `default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';` +
      `form-action ${forms};base-uri 'none';frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
