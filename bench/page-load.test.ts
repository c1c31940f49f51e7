import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultIn } from './page-load.ts'
import { storedText } from './stored-text.ts'

const page = (from: number, to: number) => ({
  entries: Array.from({ length: to - from + 1 }, (_, index) => ({ seq: from + index, body: { kind: 'text', text: storedText(from + index) } })),
})

test('[D10] a page of history that lacks, moves or changes anything has no figure', () => {
  assert.equal(faultIn(page(51, 100), 101, 50), null)
  assert.match(faultIn(page(52, 100), 101, 50) ?? '', /49 entries of 50/)
  assert.match(faultIn(page(50, 99), 101, 50) ?? '', /seq 50/)
  const other = page(51, 100)
  assert.match(
    faultIn({ entries: other.entries.with(7, { seq: 58, body: { kind: 'text', text: storedText(59) } }) }, 101, 50) ?? '',
    /something else/,
  )
})
