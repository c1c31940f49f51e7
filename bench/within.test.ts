import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from './within.ts'

test('[S6] what never comes is an error that says what it was; what comes in time, or fails by itself, is what it is', async () => {
  await assert.rejects(within(10, 'A hello', new Promise(() => {})), { message: 'A hello took longer than 0.01 s.' })
  assert.equal(await within(1_000, 'A hello', Promise.resolve(7)), 7)
  await assert.rejects(within(1_000, 'A hello', Promise.reject(new Error('refused'))), { message: 'refused' })
})
