import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asyncApi, openApi } from './documents.ts'
import { DownFrameSchema } from './down.ts'
import { HEALTH_ROUTES } from './health.ts'
import { ROUTES, type Route } from './http.ts'
import { CLOSE_CODES, REFUSALS } from './refusals.ts'
import { UpFrameSchema } from './up.ts'

const SERVING = { version: '1.2.3', origin: 'https://talk.example.kr' }

interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly requestBody?: unknown
}

test('[W3] the OpenAPI document has every route, with its parameters, body and authentication', () => {
  const document = openApi(SERVING) as unknown as { info: { version: string }; paths: Record<string, Record<string, Operation>> }
  assert.equal(document.info.version, '1.2.3')
  const found = new Map(Object.values(document.paths).flatMap((methods) => Object.values(methods).map((one) => [one.operationId, one])))
  assert.deepEqual([...found.keys()].toSorted(), [...Object.keys(ROUTES), ...Object.keys(HEALTH_ROUTES)].toSorted())
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const one = found.get(name)
    assert.ok(one)
    assert.equal(one.security?.length === 0, route.open === true, `${name}: open or not`)
    assert.deepEqual(one.security?.[0], route.key === undefined ? undefined : { [route.key]: [] }, `${name}: by which key`)
    assert.equal(one.requestBody !== undefined, route.body !== undefined, `${name}: body`)
    const inPath = one.parameters?.filter((parameter) => parameter.in === 'path') ?? []
    assert.deepEqual(
      inPath.map((parameter) => parameter.name),
      [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1]),
      `${name}: what the path names is what it takes`,
    )
    assert.ok(inPath.every((parameter) => parameter.required))
  }
})

test('[W3] the AsyncAPI document has every frame up and down, every close code and every refusal', () => {
  const document = asyncApi(SERVING) as unknown as {
    channels: { socket: { description: string; messages: Record<string, { name: string; payload: unknown }> } }
    operations: Record<'deviceSays' | 'serverSays', { messages: { $ref: string }[] }>
  }
  const { messages, description } = document.channels.socket
  assert.equal(document.operations.deviceSays.messages.length, UpFrameSchema.anyOf.length)
  assert.equal(document.operations.serverSays.messages.length, DownFrameSchema.anyOf.length)
  const refs = Object.values(document.operations).flatMap((operation) => operation.messages.map((message) => message.$ref.replace(/^.*\//, '')))
  assert.deepEqual(refs.toSorted(), Object.keys(messages).toSorted())
  // Typing exists in both directions with different frames.
  assert.notDeepEqual(messages['up-typing']?.payload, messages['down-typing']?.payload)
  for (const { code } of Object.values(CLOSE_CODES)) assert.ok(description.includes(`- ${code}: `))
  for (const code of Object.keys(REFUSALS)) assert.ok(description.includes(`\`${code}\``))
})

test('[W3] both documents are plain JSON', () => {
  for (const document of [openApi(SERVING), asyncApi(SERVING)]) assert.deepEqual(JSON.parse(JSON.stringify(document)), document)
})
