import type { TSchema, TUnion } from 'typebox'
import { DownFrameSchema } from './down.ts'
import { RefusalBodySchema, ROUTES, type Route } from './http.ts'
import { CLOSE_CODES, REFUSALS } from './refusals.ts'
import { UpFrameSchema } from './up.ts'
import { SUBPROTOCOL } from './version.ts'

/** A published document: plain JSON. */
export type Document = { readonly [key: string]: unknown }

const ABOUT = 'Bongsu (봉수), a self-hosted messenger. Made from the schemas that the server checks with, so it says what the server does.'

/** TypeBox adds notes to its schemas that are not JSON. Without them the rest is plain JSON Schema 2020-12, which both documents use. */
function plain(schema: TSchema): Document {
  return JSON.parse(JSON.stringify(schema)) as Document
}

function properties(schema: TSchema): { name: string; schema: TSchema; required: boolean }[] {
  const { properties: all, required } = schema as unknown as { properties: Record<string, TSchema>; required?: readonly string[] }
  return Object.entries(all).map(([name, property]) => ({ name, schema: property, required: required?.includes(name) ?? false }))
}

function parameters(route: Route): Document[] {
  const list = (place: 'path' | 'query', schema: TSchema | undefined): Document[] =>
    schema === undefined ? [] : properties(schema).map((one) => ({ name: one.name, in: place, required: one.required, schema: plain(one.schema) }))
  return [...list('path', route.params), ...list('query', route.query)]
}

function json(schema: Document): Document {
  return { 'application/json': { schema } }
}

function operation(name: string, route: Route): Document {
  const found = parameters(route)
  return {
    operationId: name,
    summary: route.about,
    ...(route.open === true ? { security: [] } : route.key === undefined ? {} : { security: [{ [route.key]: [] }] }),
    ...(found.length > 0 ? { parameters: found } : {}),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: json(plain(route.body)) } }),
    responses: {
      200: { description: 'Done.', content: json(plain(route.reply)) },
      default: { $ref: '#/components/responses/Refusal' },
    },
  }
}

function refusalList(): string {
  return Object.entries(REFUSALS)
    .map(([code, { status, retry, about }]) => `- \`${code}\` (${status}, retry: ${retry}): ${about}`)
    .join('\n')
}

/** OpenAPI 3.1 of the HTTP side. @param serverVersion version of the serving program. */
export function openApi(serverVersion: string): Document {
  const paths: Record<string, Record<string, Document>> = {}
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    ;(paths[path] ??= {})[route.method.toLowerCase()] = operation(name, route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bongsu HTTP', version: serverVersion, description: ABOUT, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
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
  readonly schema: TSchema
}

function messages(direction: 'up' | 'down', union: TUnion): Message[] {
  return union.anyOf.map((schema) => {
    const { const: type } = (schema as unknown as { properties: { t: { const: string } } }).properties.t
    return { type, key: `${direction}-${type}`, schema }
  })
}

/** AsyncAPI 3.0 of the WebSocket side, from the server's point of view: `receive` has the device's frames, `send` the server's. */
export function asyncApi(serverVersion: string): Document {
  const up = messages('up', UpFrameSchema)
  const down = messages('down', DownFrameSchema)
  const closes = Object.values(CLOSE_CODES).map(({ code, about }) => `- ${code}: ${about}`)
  const named = (list: readonly Message[]): { $ref: string }[] => list.map(({ key }) => ({ $ref: `#/channels/socket/messages/${key}` }))
  return {
    asyncapi: '3.0.0',
    info: { title: 'Bongsu WebSocket', version: serverVersion, description: ABOUT, license: { name: 'Apache-2.0' } },
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
        messages: Object.fromEntries([...up, ...down].map(({ type, key, schema }) => [key, { name: type, payload: plain(schema) }])),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      deviceSays: { action: 'receive', channel: { $ref: '#/channels/socket' }, messages: named(up) },
      serverSays: { action: 'send', channel: { $ref: '#/channels/socket' }, messages: named(down) },
    },
  }
}
