import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { described, published, PUBLISHED } from './described.ts'
import { asyncApi, openApi } from './documents.ts'
import { SeqSchema } from './message.ts'

const SERVING = { version: '1.2.3', origin: 'https://talk.example.kr' }

type Json = Readonly<Record<string, unknown>>

/** Every field of every object in a schema, with its place. */
function fieldsIn(schema: unknown, place: string): [place: string, field: Json][] {
  if (Array.isArray(schema)) return schema.flatMap((one, index) => fieldsIn(one, `${place}[${index}]`))
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, ...rest } = schema as Json & { properties?: Record<string, Json> }
  const own = Object.entries(properties).flatMap(([name, field]): [string, Json][] => [
    [`${place}.${name}`, field],
    ...fieldsIn(field, `${place}.${name}`),
  ])
  const deeper = Object.entries(rest).flatMap(([keyword, value]) =>
    fieldsIn(value, keyword === 'anyOf' || keyword === 'items' ? place : `${place}/${keyword}`),
  )
  return [...own, ...deeper]
}

test('[W5] every field of every frame, body and answer is described, and so is every frame, parameter and route', () => {
  const fields = [...fieldsIn(asyncApi(SERVING), 'asyncapi'), ...fieldsIn(openApi(SERVING), 'openapi')]
  assert.ok(fields.length > 400, `${fields.length} fields`)
  const silent = fields.filter(([, { description }]) => typeof description !== 'string' || description.length < 5)
  assert.deepEqual(
    silent.map(([place]) => place),
    [],
  )

  const { channels } = asyncApi(SERVING) as unknown as { channels: { socket: { messages: Record<string, { summary?: string }> } } }
  for (const [name, { summary }] of Object.entries(channels.socket.messages)) assert.ok((summary?.length ?? 0) > 10, name)
  const { paths } = openApi(SERVING) as unknown as {
    paths: Record<string, Record<string, { summary: string; parameters?: { description?: string }[] }>>
  }
  for (const [path, methods] of Object.entries(paths)) {
    for (const { summary, parameters = [] } of Object.values(methods)) {
      assert.ok(summary.length > 10, path)
      for (const { description } of parameters) assert.ok((description?.length ?? 0) > 5, path)
    }
  }
})

test('[W5] a description changes nothing else about a schema', () => {
  const schema: TSchema & { readonly description?: string } = SeqSchema
  const other = described(schema, 'Another text.')
  assert.deepEqual({ ...other, description: schema.description }, { ...schema })
  assert.notEqual(schema.description, 'Another text.')
})

test('[W5] a published schema has the narrower keywords and nothing that is not JSON Schema', () => {
  assert.deepEqual(published({ type: 'string', maxLength: 400, [PUBLISHED]: { maxLength: 50 } }), { type: 'string', maxLength: 50 })
  for (const document of [openApi(SERVING), asyncApi(SERVING)]) assert.ok(!JSON.stringify(document).includes('~'))
})
