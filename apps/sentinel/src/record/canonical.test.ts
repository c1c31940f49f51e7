import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical.ts'

test('[S5] canonical JSON has one text for each value and parses back to the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value)
      const again: unknown = JSON.parse(text)
      assert.deepEqual(again, JSON.parse(JSON.stringify(value)))
      assert.equal(canonicalJson(again), text)
    }),
  )
})

test('[S5] the order of an object’s fields does not matter', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.integer()), { selector: ([name]) => name }), (pairs) => {
      const value = (entries: [string, number][]): unknown => JSON.parse(JSON.stringify(Object.fromEntries(entries)))
      assert.equal(canonicalJson(value(pairs)), canonicalJson(value(pairs.toReversed())))
    }),
  )
})

test('[S5] names are sorted by UTF-16 code units, and numbers are written as in RFC 8785', () => {
  // The example of RFC 8785, section 3.2.3, and the numbers of its appendix B.
  const names = JSON.parse('{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}') as unknown
  assert.equal(canonicalJson(names), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  assert.equal(canonicalJson([-0, 1.0, 1e21, 1e-7, 333_333_333.333_333_3, 0.1 + 0.2]), '[0,1,1e+21,1e-7,333333333.3333333,0.30000000000000004]')
})

test('[S5] values that JSON would silently change are refused', () => {
  for (const value of [
    Number.NaN,
    Infinity,
    undefined,
    { a: undefined },
    [undefined],
    1n,
    new Date(0),
    new Map(),
    '\ud800',
    { '\udc00': 1 },
    () => 1,
  ])
    assert.throws(() => canonicalJson(value), TypeError)
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
  assert.equal(canonicalJson(nested(16)), `${'['.repeat(16)}1${']'.repeat(16)}`)
  assert.throws(() => canonicalJson(nested(17)), TypeError)
})
