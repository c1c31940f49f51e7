import assert from 'node:assert/strict'
import { test } from 'node:test'
import asyncApiSchema from '@asyncapi/specs/schemas/3.0.0.json' with { type: 'json' }
import { asyncApi, openApi } from '@bongsu/protocol/documents'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'

const SERVING = { version: '1.2.3', origin: 'https://talk.example.kr' }

/** The official schema of AsyncAPI brings the meta-schema that it uses. */
const isAsyncApi = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false }).compile(asyncApiSchema)

/** Errors and warnings of Redocly's recommended rules. */
async function complaintsAbout(document: object): Promise<readonly string[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({ source: JSON.stringify(document), config })
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location.map(({ pointer }) => pointer ?? '').join(' ')}`)
}

test('[W5] the OpenAPI document is valid by its official schema and clean by the rules of an outside linter', async () => {
  const document = openApi(SERVING)
  const result = await new Validator().validate(structuredClone(document))
  assert.ok(result.valid, JSON.stringify(result.errors))
  assert.deepEqual(await complaintsAbout(document), [])
})

test('[W5] the AsyncAPI document is valid by its official schema and clean by the rules of an outside linter', async () => {
  const document = asyncApi(SERVING)
  assert.ok(isAsyncApi(document), JSON.stringify(isAsyncApi.errors?.slice(0, 5)))
  assert.deepEqual(await complaintsAbout(document), [])
})

test('[W5] the validators find a fault', async () => {
  const { servers: _, ...serverless } = openApi(SERVING)
  assert.ok((await complaintsAbout(serverless)).length > 0)
  assert.ok(!(await new Validator().validate({ ...openApi(SERVING), paths: 7 })).valid)
  assert.ok(!isAsyncApi({ ...asyncApi(SERVING), operations: { deviceSays: { action: 'shout' } } }))
})
