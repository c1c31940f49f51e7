import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downChecks } from '@bongsu/protocol/checks'
import { DOWN_CHECKS } from './down-checks.ts'

test('[W1] frames are checked by what their schemas say now: run `npm run generate` when this fails', () => {
  assert.deepEqual(DOWN_CHECKS, downChecks())
})
