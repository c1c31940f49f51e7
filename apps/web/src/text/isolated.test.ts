import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isolated } from './isolated.ts'

test('[B33] a name in a sentence keeps its direction to itself', () => {
  assert.equal(isolated('김서연'), '김서연')
  assert.equal(isolated('דנה'), '\u2068דנה\u2069')
  assert.equal(isolated('김\u200f'), '\u2068김\u200f\u2069')
  assert.equal(isolated('\u202e김\u2069서연'), '김서연')
})
