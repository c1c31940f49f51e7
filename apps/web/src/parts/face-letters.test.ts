import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givenName, initialOf } from './face-letters.ts'

test('[LOOK] a face shows the given name, where there is one', () => {
  assert.equal(givenName('김영호'), '영호')
  assert.equal(givenName('과수원 김영호'), '영호')
  assert.equal(givenName('류하나'), '하나')
  assert.equal(givenName('최은영 간호사'), '은영')
  assert.equal(givenName('남궁민수'), '민수')
  for (const other of ['관리자', '엄마', '김', '김영호님', 'Kim Youngho', '이장님 댁', '', ' ']) assert.equal(givenName(other), null, other)
})

test('[LOOK] an initial is one visible letter of any script', () => {
  assert.deepEqual(['엄마', 'zoe', '🐢 가족', 'é', ' 3반 '].map(initialOf), ['엄', 'Z', '🐢', 'É', '3'])
  assert.equal(initialOf(''), '')
})
