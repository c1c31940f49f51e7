import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'
import type { Overload } from './overload.ts'

export interface HealthSources {
  readonly metrics: Metrics
  readonly store: () => { readonly writable: boolean; readonly fault: string | null; readonly unsafe?: readonly { readonly risk: string }[] }
  readonly draining: () => boolean
  readonly overload: Pick<Overload, 'level' | 'queueingMs'>
  /** How far the machine's clock seems to be ahead of the real time [O8]. */
  readonly clockOffMs: () => number
  /** Whether hints of other processes are lost, and how many others there are. */
  readonly bus: () => { readonly deaf: boolean; readonly others: number }
}

/** Headers in which proxies state the client's address. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const

/** Health for supervisors and operators: is the process alive, can it work, how much has it done. */
export function addHealth(app: FastifyInstance, sources: HealthSources): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/readyz', (request, reply) => {
    const { writable, fault, unsafe = [] } = sources.store()
    const draining = sources.draining()
    const ready = writable && !draining
    const status = ready ? 'ready' : 'not-ready'
    // Why is nobody's but the operator's: a fault names users and addresses, and a load tells a stranger how to do harm [B74].
    if (!isFromHere(request)) return reply.code(ready ? 200 : 503).send({ status })
    return reply.code(ready ? 200 : 503).send({
      status,
      draining,
      store: { writable, fault, ...(unsafe.length === 0 ? {} : { unsafe: unsafe.map(({ risk }) => risk) }) },
      // An overloaded server counts as ready: taking it out would only move its devices as a storm elsewhere.
      overload: { level: sources.overload.level, queueingMs: Math.round(sources.overload.queueingMs) },
      clock: { offSeconds: Math.round(sources.clockOffMs() / 1_000) },
      // A deaf server counts as ready: it delivers by asking the store [D13].
      bus: sources.bus(),
    })
  })

  // While nothing can be written, reading goes on [O13], and another process on the same database could not write either.
  app.get('/servez', (_request, reply) => {
    const draining = sources.draining()
    return reply.code(draining ? 503 : 200).send({ status: draining ? 'leaving' : 'serving' })
  })

  app.get('/metrics', async (request, reply) => {
    // Figures tell a stranger how to do harm.
    if (!isFromHere(request)) return reply.code(404).send({ code: 'not-found' })
    return reply.type(sources.metrics.contentType).send(await sources.metrics.text())
  })
}

/** A proxy on this machine makes everyone look local, but its headers show it. */
function isFromHere({ headers, raw }: FastifyRequest): boolean {
  return FORWARDED.every((name) => headers[name] === undefined) && isLoopback(raw.socket.remoteAddress ?? '')
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
