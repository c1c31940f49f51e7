import type { FastifyInstance } from 'fastify'
import type { Metrics } from './metrics.ts'
import type { Overload } from './overload.ts'

export interface HealthSources {
  readonly metrics: Metrics
  readonly store: () => { readonly writable: boolean; readonly fault: string | null }
  readonly draining: () => boolean
  readonly overload: Pick<Overload, 'level' | 'queueingMs'>
  /** How far the machine's clock seems to be ahead of the real time [O8]. */
  readonly clockOffMs: () => number
}

/** Headers in which proxies state the client's address. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const

/** Health for supervisors and operators: is the process alive, can it work, how much has it done. */
export function addHealth(app: FastifyInstance, sources: HealthSources): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/readyz', (_request, reply) => {
    const store = sources.store()
    const draining = sources.draining()
    const ready = store.writable && !draining
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not-ready',
      draining,
      store: { writable: store.writable, fault: store.fault },
      // An overloaded server counts as ready: taking it out would only move its devices as a storm elsewhere.
      overload: { level: sources.overload.level, queueingMs: Math.round(sources.overload.queueingMs) },
      clock: { offSeconds: Math.round(sources.clockOffMs() / 1_000) },
    })
  })

  app.get('/metrics', async (request, reply) => {
    // Only for this machine, because figures tell a stranger how to do harm. A proxy on this machine makes everyone look local, but its headers show
    // it.
    const forwarded = FORWARDED.some((name) => request.headers[name] !== undefined)
    if (forwarded || !isLoopback(request.raw.socket.remoteAddress ?? '')) return reply.code(404).send({ code: 'not-found' })
    return reply.type(sources.metrics.contentType).send(await sources.metrics.text())
  })
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
