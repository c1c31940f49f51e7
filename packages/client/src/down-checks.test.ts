import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downChecks } from '@bongsu/protocol/checks'
import { DOWN_CHECKS } from './down-checks.ts'

test('[W1] the checks of frames match the present schemas: run `npm run generate` when this fails', () => {
  assert.deepEqual(DOWN_CHECKS, downChecks())
})
