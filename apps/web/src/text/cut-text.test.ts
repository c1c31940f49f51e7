import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutText } from './cut-text.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `${index}`).join('\n')

test('[TEXT] twenty lines are shown whole, twenty-one are cut at twenty', () => {
  assert.equal(cutText(lines(20)), null)
  assert.equal(cutText(lines(21)), lines(20))
})

test('[TEXT] a long text in one line is cut, never inside a character', () => {
  assert.equal(cutText('가'.repeat(780)), null)
  assert.equal(cutText('가'.repeat(781))?.length, 600)
  assert.ok(cutText('a' + '🔥'.repeat(500))!.isWellFormed())
})
