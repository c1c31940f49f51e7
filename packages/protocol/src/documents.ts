import type { TSchema, TUnion } from 'typebox'
import { published } from './described.ts'
import { DownFrameSchema } from './down.ts'
import { HEALTH_ROUTES, type HealthRoute } from './health.ts'
import { RefusalBodySchema, ROUTES, type Route } from './http.ts'
import { CLOSE_CODES, REFUSALS } from './refusals.ts'
import { UpFrameSchema } from './up.ts'
import { SUBPROTOCOL } from './version.ts'

/** A published document: plain JSON. */
export type Document = { readonly [key: string]: unknown }

/** What a document says about the program that serves it. */
export interface Serving {
  readonly version: string
  /** Public address of the server, such as https://talk.example.kr. */
  readonly origin: string
}

const ABOUT =
  'Bongsu (봉수), a self-hosted messenger. Made from the schemas that the server checks with, so it says what the server does. Begin with the guide for authors of clients: /docs/guide.'
const LICENSE = { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' }

/** Plain JSON Schema: in OpenAPI 2020-12, in AsyncAPI draft 7. The keywords in use mean the same in both, except for tuples, which only frames have. */
function plain(schema: TSchema): Document {
  return published(schema) as Document
}

function properties(schema: TSchema): { name: string; schema: TSchema; required: boolean }[] {
  const { properties: all, required } = schema as unknown as { properties: Record<string, TSchema>; required?: readonly string[] }
  return Object.entries(all).map(([name, property]) => ({ name, schema: property, required: required?.includes(name) ?? false }))
}

function parameters(route: Route): Document[] {
  const list = (place: 'path' | 'query', all: TSchema | undefined): Document[] =>
    all === undefined
      ? []
      : properties(all).map(({ name, schema, required }) => {
          const { description, ...rest } = plain(schema)
          return { name, in: place, required, description, schema: rest }
        })
  return [...list('path', route.params), ...list('query', route.query)]
}

function json(schema: Document): Document {
  return { 'application/json': { schema } }
}

const REFUSED = { $ref: '#/components/responses/Refusal' }

function operation(name: string, route: Route): Document {
  const found = parameters(route)
  return {
    operationId: name,
    summary: route.about,
    tags: [route.key === undefined ? 'messenger' : 'sentinel'],
    ...(route.open === true ? { security: [] } : route.key === undefined ? {} : { security: [{ [route.key]: [] }] }),
    ...(found.length > 0 ? { parameters: found } : {}),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: json(plain(route.body)) } }),
    responses: { 200: { description: 'Done.', content: json(plain(route.reply)) }, '4XX': REFUSED, '5XX': REFUSED },
  }
}

function healthOperation(name: string, { about, replies }: HealthRoute): Document {
  const answered = Object.entries(replies).map(([status, { description, schema }]) => {
    const content = schema === undefined ? { 'text/plain': { schema: { type: 'string' } } } : json(plain(schema))
    return [status, { description, content }] as const
  })
  return { operationId: name, summary: about, tags: ['health'], security: [], responses: { ...Object.fromEntries(answered), '4XX': REFUSED } }
}

function refusalList(): string {
  return Object.entries(REFUSALS)
    .map(([code, { status, retry, about }]) => `- \`${code}\` (${status}, retry: ${retry}): ${about}`)
    .join('\n')
}

const TAGS = [
  { name: 'messenger', description: 'For devices of people.' },
  { name: 'sentinel', description: 'For the program that watches this server, with its key.' },
  { name: 'health', description: 'For supervisors and operators. Without a token.' },
]

/** OpenAPI 3.1 of the HTTP side. */
export function openApi({ version, origin }: Serving): Document {
  const paths: Record<string, Record<string, Document>> = {}
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    ;(paths[path] ??= {})[route.method.toLowerCase()] = operation(name, route)
  }
  for (const [name, route] of Object.entries<HealthRoute>(HEALTH_ROUTES)) paths[route.path] = { get: healthOperation(name, route) }
  return {
    openapi: '3.1.0',
    info: { title: 'Bongsu HTTP', version, description: ABOUT, license: LICENSE },
    servers: [{ url: origin, description: 'The server of this document.' }],
    tags: TAGS,
    security: [{ device: [] }],
    paths,
    components: {
      securitySchemes: {
        device: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of one signed-in device.' },
        sentinel: { type: 'http', scheme: 'bearer', description: 'The key of the sentinel, BONGSU_SENTINEL_KEY.' },
      },
      responses: {
        Refusal: { description: `Refused. Act on the code, never on the text.\n\n${refusalList()}`, content: json(plain(RefusalBodySchema)) },
      },
    },
  }
}

interface Message {
  readonly type: string
  readonly key: string
  readonly about: string
  readonly payload: Document
}

function messages(direction: 'up' | 'down', union: TUnion): Message[] {
  return union.anyOf.map((schema) => {
    const { const: type } = (schema as unknown as { properties: { t: { const: string } } }).properties.t
    const { description, ...payload } = plain(schema)
    return { type, key: `${direction}-${type}`, about: String(description), payload }
  })
}

/** AsyncAPI 3.0 of the WebSocket side, from the server's point of view: `receive` has the device's frames, `send` the server's. */
export function asyncApi({ version, origin }: Serving): Document {
  const { host, protocol } = new URL(origin)
  const security = [{ $ref: '#/components/securitySchemes/device' }]
  const up = messages('up', UpFrameSchema)
  const down = messages('down', DownFrameSchema)
  const closes = Object.values(CLOSE_CODES).map(({ code, about }) => `- ${code}: ${about}`)
  const named = (list: readonly Message[]): { $ref: string }[] => list.map(({ key }) => ({ $ref: `#/channels/socket/messages/${key}` }))
  return {
    asyncapi: '3.0.0',
    info: { title: 'Bongsu WebSocket', version, description: ABOUT, license: LICENSE },
    servers: { this: { host, protocol: protocol === 'https:' ? 'wss' : 'ws', description: 'The server of this document.' } },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: '/v1/socket',
        description: [
          `Text frames of JSON, subprotocol \`${SUBPROTOCOL}\`. The first frame is hello.`,
          'Close codes:',
          ...closes,
          'Refusals:',
          refusalList(),
        ].join('\n'),
        messages: Object.fromEntries([...up, ...down].map(({ type, key, about, payload }) => [key, { name: type, summary: about, payload }])),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      deviceSays: { action: 'receive', summary: 'Frames of a device.', security, channel: { $ref: '#/channels/socket' }, messages: named(up) },
      serverSays: { action: 'send', summary: 'Frames of the server.', security, channel: { $ref: '#/channels/socket' }, messages: named(down) },
    },
    components: {
      securitySchemes: {
        device: {
          type: 'apiKey',
          in: 'password',
          description: 'The token of the device, in the field `token` of hello. Never in a header or an address.',
        },
      },
    },
  }
}
