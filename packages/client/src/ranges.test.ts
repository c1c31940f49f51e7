import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { addRange, cutBelow, rangeAt, touches, type Range } from './ranges.ts'

const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 12 }))
  .map(([first, more]): Range => ({ first, last: first + more }))

function seqsOf(ranges: readonly Range[]): number[] {
  const seqs = new Set<number>()
  for (const { first, last } of ranges) for (let seq = first; seq <= last; seq++) seqs.add(seq)
  return [...seqs].toSorted((a, b) => a - b)
}

test('[D4] ranges hold exactly the seqs that were added, rising and never touching', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (added) => {
      const ranges = added.reduce<readonly Range[]>((before, one) => addRange(before, one), [])
      assert.deepEqual(seqsOf(ranges), seqsOf(added))
      for (let index = 1; index < ranges.length; index++) {
        const before = ranges[index - 1] as Range
        const after = ranges[index] as Range
        assert.ok(before.last + 1 < after.first, `${before.last} and ${after.first} should be one range or have a gap`)
      }
    }),
  )
})

test('[D4] the order in which ranges are added does not matter', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (added) => {
      const forwards = added.reduce<readonly Range[]>((before, one) => addRange(before, one), [])
      const backwards = added.reduceRight<readonly Range[]>((before, one) => addRange(before, one), [])
      assert.deepEqual(forwards, backwards)
    }),
  )
})

test('[D4] neighbours touch, and one seq between them is a gap', () => {
  assert.equal(touches({ first: 1, last: 4 }, { first: 5, last: 9 }), true)
  assert.equal(touches({ first: 5, last: 9 }, { first: 1, last: 4 }), true)
  assert.equal(touches({ first: 1, last: 4 }, { first: 6, last: 9 }), false)
  assert.equal(touches({ first: 6, last: 9 }, { first: 1, last: 4 }), false)
})

test('[D4] cutting keeps the seqs from there on, and a seq is found in its range alone', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 10 }), fc.integer({ min: 0, max: 80 }), (added, seq) => {
      const ranges = added.reduce<readonly Range[]>((before, one) => addRange(before, one), [])
      const seqs = seqsOf(ranges)
      assert.deepEqual(
        seqsOf(cutBelow(ranges, seq)),
        seqs.filter((one) => one >= seq),
      )
      assert.equal(rangeAt(ranges, seq) !== undefined, seqs.includes(seq))
    }),
  )
})
