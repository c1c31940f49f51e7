import assert from 'node:assert/strict'
import { test } from 'node:test'
import { found } from './initial-consonants.ts'

test('[TEXT] a name is found by its initial consonants', () => {
  assert.ok(found('김서연', 'ㄱㅅㅇ'))
  assert.ok(found('김서연', 'ㅅㅇ'))
  assert.ok(found('쌍문동 통장', 'ㅆㅁㄷ'))
  assert.ok(!found('김서연', 'ㅇㅅ'))
  assert.ok(!found('김서연', 'ㄱㅅㅇㅎ'))
})

test('[TEXT] a half typed syllable already finds the name', () => {
  assert.ok(found('김서연', '기'))
  assert.ok(found('김서연', '김ㅅ'))
  assert.ok(found('김서연', '서여'))
  assert.ok(!found('김서연', '긴'))
  assert.ok(!found('가희', '김'))
})

test('[TEXT] letters, case and spaces', () => {
  assert.ok(found('Mapo Team', 'mapot'))
  assert.ok(found('마포 자율방재단', '마포자'))
  assert.ok(found('마포', ''))
  assert.ok(found('김서연'.normalize('NFD'), 'ㄱㅅㅇ'))
  assert.ok(!found('', 'ㄱ'))
})
