import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REFUSALS } from '@bongsu/protocol'
import { en } from './en.ts'
import { ko } from './ko.ts'

/** [path, kind and arity] of everything in a table. */
function shapeOf(table: object, prefix = ''): [string, string][] {
  return Object.entries(table).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'object' && value !== null) return shapeOf(value, `${prefix}${key}.`)
    return [[`${prefix}${key}`, typeof value === 'function' ? `takes ${value.length}` : typeof value]]
  })
}

test('[TEXT] Korean and English say the same things with the same words to fill in', () => {
  assert.deepEqual(new Map(shapeOf(en)), new Map(shapeOf(ko)))
})

test('[TEXT] every refusal has a sentence in both languages', () => {
  for (const code of Object.keys(REFUSALS)) {
    for (const table of [ko.refusals, en.refusals] as Readonly<Record<string, string>>[]) assert.ok((table[code] ?? '').length > 3, code)
  }
})

test('[TEXT] large numbers have their thousands apart', () => {
  for (const table of [ko, en]) {
    const said = [
      table.unreadTotal(12_345),
      table.unreadOf(12_345),
      table.unreadNumber(12_345),
      table.newMessages(12_345),
      table.membersOf(12_345),
      table.friendCount(12_345),
      table.picked(12_345),
      table.pickedTooMany(12_345),
      table.typingMany('하나', 12_345),
      table.andOthers('하나, 두리', 12_345),
      table.signedOutUnsent(12_345),
      table.restoredPutBack(12_345),
      table.signOutUnsent(12_345),
      table.reactionOf('👍', 12_345),
      table.reactors(12_345),
      table.selecting(12_345),
      table.people(12_345),
      table.jumping(12_345),
      table.everyoneAbout(12_345),
    ]
    for (const sentence of said) assert.match(sentence, /(?<!\d)12,345(?!\d)/, sentence)
  }
})

test('[TEXT] no sentence is empty or keeps a hole', () => {
  for (const table of [ko, en]) {
    for (const value of Object.values(table).flatMap((one) => (typeof one === 'object' ? Object.values(one) : [one]))) {
      const text = typeof value === 'function' ? (value as (...words: unknown[]) => string)('3', '4', '5') : value
      assert.notEqual(text.trim(), '')
      assert.doesNotMatch(text, /undefined|\[object/)
    }
  }
})
