import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emojiGroups } from '../../../emoji-data.ts'
import { emojiGroupKeys, toned } from './emoji-row.ts'
import { findEmoji } from './find-emoji.ts'

const groups = emojiGroups()
const firstFew = (query: string) =>
  findEmoji(groups, query)
    .map(([emoji]) => emoji)
    .slice(0, 30)

test('[WEB] emoji are found in Korean, by initial consonants, and in English', () => {
  assert.ok(firstFew('하트').includes('❤️'))
  assert.ok(firstFew('ㅎㅌ').includes('❤️'))
  assert.ok(firstFew('heart').includes('❤️'))
  assert.ok(firstFew('채소').includes('🥬'))
  assert.ok(firstFew('Dog').includes('🐶'))
  assert.ok(firstFew('강아지').includes('🐶'))
  assert.deepEqual(findEmoji(groups, '없는말없는말'), [])
})

test('[WEB] the picker has a name for every group, and each emoji is one that Unicode recommends', () => {
  assert.equal(groups.length, emojiGroupKeys.length)
  const one = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')
  for (const row of groups.flat()) {
    for (const tone of [0, 1, 5] as const) assert.match(toned(row, tone), one)
    assert.ok(row[1] !== '' && row[2] !== '')
  }
})

test('[WEB] a skin tone changes only emoji that have one', () => {
  const of = (emoji: string) => groups.flat().find((row) => row[0] === emoji)!
  assert.equal(toned(of('👋'), 5), '👋🏿')
  assert.equal(toned(of('👋'), 0), '👋')
  assert.equal(toned(of('😀'), 5), '😀')
})
