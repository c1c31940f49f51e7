import { Type, type TSchema } from 'typebox'

/** A route for supervisors and operators: GET, without a token. */
export interface HealthRoute {
  readonly path: string
  readonly about: string
  /** Answers by status; without a schema the answer is plain text. */
  readonly replies: { readonly [status: number]: { readonly description: string; readonly schema?: TSchema } }
}

const ReadinessSchema = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not-ready')], { description: 'Whether this process can do its work.' }),
  draining: Type.Optional(Type.Boolean({ description: 'Whether it is about to stop.' })),
  store: Type.Optional(
    Type.Object(
      {
        writable: Type.Boolean({ description: 'Whether the database can be written.' }),
        fault: Type.Union([Type.String(), Type.Null()], { description: 'Why it cannot; null when it can.' }),
        unsafe: Type.Optional(
          Type.Array(Type.String(), { description: 'What could be lost by settings that the operator allowed [O12]; left out when nothing could.' }),
        ),
      },
      { description: 'The database.' },
    ),
  ),
  overload: Type.Optional(
    Type.Object(
      {
        level: Type.Integer({ minimum: 0, description: 'Number of kinds of work that are dropped now [O2].' }),
        queueingMs: Type.Integer({ minimum: 0, description: 'How long work waits now.' }),
      },
      { description: 'How busy the process is. An overloaded server counts as ready.' },
    ),
  ),
  clock: Type.Optional(
    Type.Object(
      {
        offSeconds: Type.Integer({
          description: 'How far the clock seems to be ahead of the real time, negative when behind; 0 when it seems right.',
        }),
      },
      { description: 'The clock of the machine [O8].' },
    ),
  ),
  bus: Type.Optional(
    Type.Object(
      {
        deaf: Type.Boolean({ description: 'Whether hints of other processes are lost. Messages then come from the database, within two seconds.' }),
        others: Type.Integer({ minimum: 0, description: 'Number of other processes that live.' }),
      },
      { description: 'The way to other server processes. A deaf server counts as ready [D13].' },
    ),
  ),
})

const ServingSchema = Type.Object({
  status: Type.Union([Type.Literal('serving'), Type.Literal('leaving')], { description: 'Whether it takes devices, or is about to stop.' }),
})

export const HEALTH_ROUTES = {
  healthz: {
    path: '/healthz',
    about: 'Whether the process is alive.',
    replies: { 200: { description: 'It is.', schema: Type.Object({ status: Type.Literal('ok', { description: 'Always this word.' }) }) } },
  },
  readyz: {
    path: '/readyz',
    about: 'Whether the process can do its work. All but `status` is told on the same machine alone.',
    replies: { 200: { description: 'Ready.', schema: ReadinessSchema }, 503: { description: 'Not ready.', schema: ReadinessSchema } },
  },
  servez: {
    path: '/servez',
    about: 'For proxies: whether devices may be sent to this process. It serves reads also while it cannot write.',
    replies: {
      200: { description: 'It takes devices.', schema: ServingSchema },
      503: { description: 'It is about to stop.', schema: ServingSchema },
    },
  },
  metrics: {
    path: '/metrics',
    about: 'Figures for Prometheus. Only for requests from the same machine; others get not-found.',
    replies: { 200: { description: 'Figures in the text format of Prometheus.' } },
  },
} as const satisfies Record<string, HealthRoute>
