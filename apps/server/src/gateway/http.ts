import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { LIMITS, REFUSALS, type AccountId, type Refusal, type RefusalCode, type RouteName } from '@bongsu/protocol'
import { ROUTES, type Route } from '@bongsu/protocol/schemas'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import type { Answer, Caller } from '../accounts/parts.ts'
import { refuseSuspended } from '../accounts/suspensions.ts'
import type { Tokens } from '../accounts/tokens.ts'
import { Unavailable } from '../conversation/log-store.ts'
import type { Clock } from '../ops/clock.ts'
import type { Limits, Spent } from '../ops/limits.ts'
import type { Overload } from '../ops/overload.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { hasTwoHosts, visitorOf } from './addresses.ts'
import { httpHandlers, type HttpParts, type Request } from './http-handlers.ts'
import { SilentSockets } from './silent-sockets.ts'

export interface HttpOptions {
  readonly parts: HttpParts
  readonly tokens: Tokens
  /** Whether the device of a valid token is signed in here. */
  readonly isSignedIn: (caller: Caller) => boolean | Promise<boolean>
  /** Whether the account is suspended, as far as this process knows. */
  readonly isSuspended: (accountId: AccountId) => boolean
  /** Whether this header has the sentinel's key [F1]. */
  readonly hasSentinelKey: (authorization: string | undefined) => boolean
  readonly addressOf: (request: IncomingMessage) => string
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  /** Whether the sockets of this address are those of a trusted proxy. */
  readonly isProxy: (address: string) => boolean
  /** Most connections of any kind. */
  readonly connectionsMax: number
  /** Counts requests, for this process alone. */
  readonly limits: Limits
  /** Number of server processes. Each allows its part of the requests. */
  readonly processes: () => number
  readonly requestsPerMinute: number
  readonly openRequestsPerMinute: number
  readonly overload: Pick<Overload, 'sheds'>
  readonly counted: (route: string, status: number) => void
  readonly failed: (cause: unknown) => void
}

/** Window for counting the requests of one visitor or account. */
const WINDOW_MS = 60_000

/** The HTTP door: every route of the protocol, with refusals in one shape. */
export function createHttp(options: HttpOptions): { app: FastifyInstance; server: Server } {
  const app = Fastify({
    bodyLimit: LIMITS.httpBodyBytesMax,
    logger: false,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: GATEWAY_BOUNDS.keepAliveMs,
    http: { headersTimeout: GATEWAY_BOUNDS.headersMs, connectionsCheckingInterval: CHECK_MS },
    return503OnClosing: true,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    // A malformed address never becomes a request, so no hook sees it. Its answer has the same shape as all others.
    frameworkErrors: (_error, _request, reply) => void bare(reply),
    clientErrorHandler(_error, socket) {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
      else socket.destroy()
    },
  })
  // The protocol's own schemas check bodies below, with one library for frames and requests.
  app.setValidatorCompiler(() => () => true)
  app.setErrorHandler((error: FastifyError, request, reply) => send(options, request, reply, refusalOf(error, options.failed)))
  app.setNotFoundHandler((request, reply) => send(options, request, reply, { ok: false, code: 'not-found' }))
  app.addHook('onRequest', async (request, reply) => {
    if (hasTwoHosts(request.raw)) return send(options, request, reply.code(400), { ok: false, code: 'frame-malformed' })
    return undefined
  })
  const underWay = new UnderWay()
  app.addHook('onRequest', async (request, reply) => {
    const visitor = visitorOf(options.addressOf(request.raw))
    if (underWay.begin(visitor)) return void reply.raw.once('close', () => underWay.end(visitor))
    // What is left of the body is not waited for.
    return send(options, request, reply.header('connection', 'close'), { ok: false, code: 'rate-limited', retryAfterMs: 1_000 })
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/v1/')) void reply.header('cache-control', 'no-store')
  })
  for (const name of Object.keys(ROUTES) as RouteName[]) addRoute(app, name, options)
  boundConnections(app.server, options)
  return { app, server: app.server }
}

/** Requests of each visitor that are under way. A proxy's sockets are many visitors', so sockets alone say nothing behind one [B26]. */
class UnderWay {
  readonly #by = new Map<string, number>()

  begin(visitor: string): boolean {
    const count = this.#by.get(visitor) ?? 0
    if (count >= GATEWAY_BOUNDS.requestsAtOncePerAddressMax) return false
    this.#by.set(visitor, count + 1)
    return true
  }

  end(visitor: string): void {
    const count = (this.#by.get(visitor) ?? 1) - 1
    if (count > 0) this.#by.set(visitor, count)
    else this.#by.delete(visitor)
  }
}

/** Time between two checks for slow requests. */
const CHECK_MS = 1_000

/** Bounds all connections, WebSockets included, so that open files do not run out before another bound is reached [O1]. */
function boundConnections(server: Server, { connectionsMax: max, clock, isProxy }: HttpOptions): void {
  server.maxConnections = max
  const silent = new SilentSockets(clock, isProxy)
  let open = 0
  /** Idle connections kept for a next request, oldest first. */
  const kept = new Set<Socket>()
  // One for all sockets: an idle connection consists mostly of such small objects.
  function ended(this: Socket): void {
    open--
    kept.delete(this)
    silent.remove(this)
  }
  server.on('connection', (socket) => {
    open++
    socket.on('close', ended)
    silent.add(socket)
    if (open >= max * GATEWAY_BOUNDS.idleCrowd) for (const longest of kept.values().take(1)) longest.destroy()
  })
  server.on('request', ({ socket }, response) => {
    kept.delete(socket)
    silent.add(socket)
    response.once('finish', () => {
      silent.remove(socket)
      if (!socket.destroyed) kept.add(socket)
    })
  })
  server.on('upgrade', ({ socket }) => {
    kept.delete(socket)
    silent.remove(socket)
  })
}

function bare(reply: FastifyReply): FastifyReply {
  void reply.headers({ 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  return reply.code(REFUSALS['not-found'].status).send({ code: 'not-found' } satisfies { code: RefusalCode })
}

/** Reading old entries, looking people up, and reporting past outages: they are asked for again later and nothing is lost [O2]. */
const WAITS_UNDER_OVERLOAD: ReadonlySet<RouteName> = new Set<RouteName>([
  'readHistory',
  'listMembers',
  'lookUpHandle',
  'lookUpPeople',
  'reportOutages',
])

/** A few constant words requested by every opened page: counting them would use up the tries of a whole school. */
const FREE: ReadonlySet<RouteName> = new Set<RouteName>(['server'])

/** What a suspended person may do all the same: leave. */
const FOR_SUSPENDED: ReadonlySet<RouteName> = new Set<RouteName>(['signOut'])

function addRoute(app: FastifyInstance, name: RouteName, options: HttpOptions): void {
  const route: Route = ROUTES[name]
  const handle = httpHandlers[name] as (parts: HttpParts, request: Request<RouteName>) => Promise<Answer<unknown>>
  const checks = { params: checker(route.params, true), query: checker(route.query, true), body: checker(route.body, false) }

  app.route({
    method: route.method,
    url: route.path,
    async handler(request, reply) {
      const address = options.addressOf(request.raw)
      // On open routes the key only prevents counting: the sentinel tests the door often, from one address [F1].
      const hasKey = (route.key === 'sentinel' || route.open === true) && options.hasSentinelKey(request.headers.authorization)
      // A key is no token and a token is no key: a request with the wrong one counts as unauthenticated.
      const caller = route.key === undefined ? await identify(request, options) : null
      const spent = hasKey || FREE.has(name) ? UNCOUNTED : await spend(options, caller, visitorOf(address))
      if (!spent.ok) {
        await new Promise<void>((resolve) => options.clock.after(GATEWAY_BOUNDS.lateRefusalMs, resolve)) // [B78]
        return send(options, request, reply, { ok: false, code: 'rate-limited', retryAfterMs: spent.retryAfterMs })
      }
      if (WAITS_UNDER_OVERLOAD.has(name) && options.overload.sheds('history'))
        return send(options, request, reply, { ok: false, code: 'busy', retryAfterMs: GATEWAY_BOUNDS.historyRetryMs })
      if (route.open !== true && caller === null && !hasKey) return send(options, request, reply, { ok: false, code: 'unauthenticated' })
      if (route.open !== true && caller !== null && !FOR_SUSPENDED.has(name) && options.isSuspended(caller.accountId))
        return send(options, request, reply, await refuseSuspended(options.parts.accounts, caller.accountId)) // [B55]
      const params = checks.params(request.params)
      const query = checks.query(request.query)
      const body = checks.body(request.body)
      if (params === WRONG || query === WRONG || body === WRONG) return send(options, request, reply, { ok: false, code: 'body-invalid' })
      return send(
        options,
        request,
        reply,
        await handle(options.parts, { caller, address: visitorOf(address), params, query, body } as Request<RouteName>),
      )
    },
  })
}

const WRONG = Symbol('wrong')

/** A number or truth value in an address, in its one spelling; any other text stays a text, and is refused by the schema. */
function readText(schema: TSchema | undefined, text: unknown): unknown {
  const { type } = (schema ?? {}) as { readonly type?: string }
  if (type === 'integer' && typeof text === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function readAddress(schema: TSchema, texts: unknown): unknown {
  const { properties } = schema as unknown as { readonly properties: Readonly<Record<string, TSchema>> }
  return Object.fromEntries(Object.entries(texts as object).map(([name, text]) => [name, readText(properties[name], text)]))
}

/** Checks one part of a request. Values in an address are texts, so numbers are parsed first. */
function checker(schema: TSchema | undefined, inAddress: boolean): (value: unknown) => unknown {
  if (schema === undefined) return () => undefined
  const check = Compile(schema)
  return (value) => {
    const read: unknown = inAddress ? readAddress(schema, value) : value
    return check.Check(read) ? read : WRONG
  }
}

/** The caller of the bearer token; null without a valid one. */
async function identify(request: FastifyRequest, options: HttpOptions): Promise<Caller | null> {
  const token = /^Bearer ([\w.-]{1,2048})$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return null
  const claims = await options.tokens.verify(token)
  return claims !== null && (await options.isSignedIn(claims)) ? claims : null
}

const UNCOUNTED: Spent = { ok: true }

function spend(options: HttpOptions, caller: Caller | null, visitor: string): Promise<Spent> {
  const { limits, requestsPerMinute, openRequestsPerMinute, processes } = options
  const part = (points: number): number => Math.ceil(points / processes())
  return caller === null
    ? limits.spend(`open:${visitor}`, part(openRequestsPerMinute), WINDOW_MS)
    : limits.spend(`account:${caller.accountId}`, part(requestsPerMinute), WINDOW_MS)
}

function refusalOf(error: FastifyError, failed: (cause: unknown) => void): Answer<never> {
  if (error instanceof Unavailable) {
    failed(error)
    return { ok: false, code: error.full ? 'busy' : 'unavailable', retryAfterMs: error.retryAfterMs }
  }
  if (error.statusCode === 413) return { ok: false, code: 'body-too-large' }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return { ok: false, code: 'body-invalid' }
  failed(error)
  return { ok: false, code: 'internal', retryAfterMs: 1_000 }
}

function send(options: HttpOptions, request: FastifyRequest, reply: FastifyReply, result: Answer<unknown>): FastifyReply {
  const route = request.routeOptions.url ?? 'unknown'
  if (result.ok) {
    options.counted(route, 200)
    return reply.code(200).send(result.value)
  }
  const { status } = REFUSALS[result.code]
  options.counted(route, status)
  if (result.retryAfterMs !== undefined) void reply.header('retry-after', String(Math.ceil(result.retryAfterMs / 1_000)))
  const { ok: _, ...body } = result
  return reply.code(status).send(body satisfies Refusal)
}
