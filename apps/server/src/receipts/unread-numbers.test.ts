import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unreadNumbers, type MemberMark } from './unread-numbers.ts'

const mark = (account: string, joinedSeq: number, watermark: number): MemberMark => ({ account, joinedSeq, watermark })

test('[R4] members at the entry who have not read it are counted, the author is not', () => {
  const members = [mark('a', 1, 0), mark('b', 1, 2), mark('c', 3, 2)]
  assert.deepEqual(unreadNumbers(members, 1, ['a', 'a', 'b', 'c']), [0, 0, 2, 2])
})

test('[R4] an author who has left is not counted, so nothing is subtracted', () => {
  assert.deepEqual(unreadNumbers([mark('a', 1, 0), mark('b', 1, 0)], 5, ['gone']), [2])
})

test('[R4] an author who came back later was not a member at the entry', () => {
  assert.deepEqual(unreadNumbers([mark('a', 9, 8), mark('b', 1, 0)], 5, ['a']), [1])
})

test('[R4] an author who has read their own entry is subtracted once, not twice', () => {
  assert.deepEqual(unreadNumbers([mark('a', 1, 5), mark('b', 1, 4)], 4, ['a', 'a']), [0, 1])
})

test('[R4] without members or entries the result is empty', () => {
  assert.deepEqual(unreadNumbers([], 1, ['a', 'b']), [0, 0])
  assert.deepEqual(unreadNumbers([mark('a', 1, 0)], 1, []), [])
})

test('[R4] the fast count equals the plain count', () => {
  const members = fc.uniqueArray(
    fc.record({ account: fc.nat({ max: 12 }), joinedSeq: fc.integer({ min: 1, max: 20 }), watermark: fc.nat({ max: 25 }) }),
    {
      selector: (member) => member.account,
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 10 }), fc.array(fc.nat({ max: 14 }), { maxLength: 20 }), (marks, from, authors) => {
      const plain = authors.map(
        (author, index) => marks.filter((one) => one.account !== author && one.joinedSeq <= from + index && one.watermark < from + index).length,
      )
      assert.deepEqual(unreadNumbers(marks, from, authors), plain)
    }),
    { seed: 20_261_122, numRuns: 300 },
  )
})
