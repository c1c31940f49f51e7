import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'

export interface HealthSources {
  readonly metrics: Metrics
  readonly store: () => { readonly writable: boolean; readonly fault: string | null }
  readonly draining: () => boolean
  /** Address the request came from, with trusted proxies looked through. */
  readonly addressOf: (request: FastifyRequest['raw']) => string
}

/** For supervisors and operators: is the process alive, can it do its work, how much has it done. */
export function addHealth(app: FastifyInstance, sources: HealthSources): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }))

  app.get('/readyz', (_request, reply) => {
    const store = sources.store()
    const draining = sources.draining()
    const ready = store.writable && !draining
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', draining, store: { writable: store.writable, fault: store.fault } })
  })

  app.get('/metrics', async (request, reply) => {
    // Only for this machine: figures tell a stranger how to hurt. A proxy that was not declared as trusted makes everyone look local.
    const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined
    const local = isLoopback(sources.addressOf(request.raw))
    if (!local || (forwarded && isLoopback(request.raw.socket.remoteAddress ?? ''))) return reply.code(404).send({ code: 'not-found' })
    return reply.type(sources.metrics.contentType).send(await sources.metrics.text())
  })
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
