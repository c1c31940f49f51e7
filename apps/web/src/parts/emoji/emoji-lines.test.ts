import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EmojiGroup, EmojiRow } from './emoji-row.ts'
import { cellAfter, emojiLines } from './emoji-lines.ts'

const row = (emoji: string): EmojiRow => [emoji, emoji, emoji, '']
const groups: readonly EmojiGroup[] = [['a', 'b', 'c', 'd', 'e'].map(row), ['f'].map(row)]
const lines = (more = {}) => emojiLines({ groups, recent: ['z'], query: '', tone: 0, columns: 3, ...more })

test('[WEB] the picker begins with the recent ones, and each group has a heading', () => {
  assert.deepEqual(
    lines().map(({ group, cells }) => (cells === null ? `# ${group}` : cells.map(({ emoji }) => emoji).join(''))),
    ['# recent', 'z', '# faces', 'abc', 'de', '# people', 'f'],
  )
  assert.deepEqual(lines({ recent: [] })[0], { group: 'faces', cells: null })
})

test('[WEB] arrow keys reach every emoji, and stay inside', () => {
  const all = lines()
  const go = (from: number, key: string) => cellAfter(all, from, key, 3)
  // z | a b c | d e | f
  assert.deepEqual([go(0, 'ArrowRight'), go(6, 'ArrowRight'), go(0, 'ArrowLeft')], [1, 6, 0])
  assert.deepEqual([go(0, 'ArrowDown'), go(3, 'ArrowDown'), go(5, 'ArrowDown'), go(6, 'ArrowDown')], [1, 5, 6, 6])
  assert.deepEqual([go(6, 'ArrowUp'), go(5, 'ArrowUp'), go(1, 'ArrowUp'), go(0, 'ArrowUp')], [4, 2, 0, 0])
  assert.equal(cellAfter([], 0, 'ArrowDown', 3), -1)
})
