import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutAtPhoneNumbers } from './phone-numbers.ts'

test('[TEXT] phone numbers are found in a text, and nothing of it is lost', () => {
  assert.deepEqual(cutAtPhoneNumbers('급한 일은 02-000-0000으로'), ['급한 일은 ', '02-000-0000', '으로'])
  assert.deepEqual(cutAtPhoneNumbers('010-1234-5678, 1588-1234'), ['', '010-1234-5678', ', ', '1588-1234', ''])
  for (const none of ['안녕', '2026-11-29', '02-000-00000', '1-02-000-0000', '110-123-456789', '123-4567']) {
    assert.deepEqual(cutAtPhoneNumbers(none), [none])
  }
})
