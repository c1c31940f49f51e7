import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sha256 } from './sha256.ts'

test('[A1] the hash is SHA-256 at every length around a block, and for a long stretch', () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 24_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 255)
    assert.equal(sha256(bytes), createHash('sha256').update(bytes).digest('hex'), `${length} bytes`)
  }
})
