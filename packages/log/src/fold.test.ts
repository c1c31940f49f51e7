import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, Entry } from '@bongsu/protocol'
import fc from 'fast-check'
import { bySubject, foldEntry, foldItem, foldItems, NO_MARKS, type HeldItem, type Marks } from './fold.ts'
import { foldRoom } from './room-state.ts'

const entry: Entry = { seq: 5, acceptedAt: 1, author: 'a' as AccountId, id: 'i' as ClientMessageId, body: { kind: 'text', text: '말', replyTo: 2 } }
/** One after the other, and all at once: both give the same. */
function fold(items: readonly HeldItem[]): Marks {
  const one = items.reduce(foldItem, NO_MARKS)
  assert.deepEqual([...foldItems(NO_MARKS, items)], [...one])
  return one
}
const like = (change: number, who: string, emoji: string | null): HeldItem => ({
  kind: 'reaction',
  key: `5:${who}`,
  change,
  value: emoji === null ? null : { emoji },
})
const edit = (change: number, text: string): HeldItem => ({ kind: 'edit', key: '5', change, value: { text, editedAt: change } })
const erased = (change: number): HeldItem => ({ kind: 'erased', key: '5', change, value: {} })

test('[I3] in whatever order items come, and however often, the newest change of each counts', () => {
  const kinds = fc.oneof(
    fc.record({ who: fc.constantFrom('a', 'b'), emoji: fc.constantFrom('👍', '😮', null) }).map(
      ({ who, emoji }) =>
        (change: number) =>
          like(change, who, emoji),
    ),
    fc.string().map((text) => (change: number) => edit(change, text)),
    fc.constant(erased),
  )
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (made, chance) => {
      // A server removes the erased content, and accepts no later marks.
      const firstErased = made.findIndex((make) => make(1).kind === 'erased')
      const items = (firstErased === -1 ? made : made.slice(0, firstErased + 1)).map((make, index) => make(index + 1))
      const inOrder = fold(items)
      const shuffled = [...items, ...items].map((item) => ({ item, at: chance.next().value as number })).toSorted((a, b) => a.at - b.at)
      assert.deepEqual(new Set(fold(shuffled.map(({ item }) => item)).values()), new Set(inOrder.values()))
    }),
  )
})

test('[I6] an erased entry has nothing but its erasure, also when older marks come after it', () => {
  const marks = fold([like(1, 'a', '👍'), edit(2, '고친 말'), erased(3), like(1, 'a', '👍'), like(2, 'b', '😮')])
  assert.deepEqual([...marks.values()], [erased(3)])
  assert.deepEqual(foldEntry(entry, marks).body, { kind: 'erased' })
})

test('[I6] an edit gives its text and keeps what the entry answers; marks that change nothing leave the same entry', () => {
  assert.deepEqual(foldEntry(entry, fold([edit(1, '하나'), edit(2, '둘')])).body, { kind: 'text', text: '둘', replyTo: 2 })
  assert.equal(foldEntry(entry, fold([like(1, 'a', '👍')])), entry)
})

test('[I10] an item of a kind that is not known is kept, and changes nothing that is shown', () => {
  const unknown: HeldItem = { kind: 'star', key: '5:a', change: 4, value: { of: 'a newer server' } }
  const marks = fold([unknown])
  assert.deepEqual([...marks.values()], [unknown])
  assert.equal(foldEntry(entry, marks), entry)
})

test('[I3] items are found by the entry they are about; those about none are left out', () => {
  const setting: HeldItem = { kind: 'notice', key: '', change: 2, value: {} }
  assert.deepEqual([...bySubject([like(1, 'a', '👍'), setting, { ...erased(3), key: '12' }]).keys()], [5, 12])
})

test('[B11] a deputy whom an older process let leave with the role has none after coming back', () => {
  const [a, b, c] = ['a', 'b', 'c'] as unknown as [AccountId, AccountId, AccountId]
  const state = { host: a, deputies: [b, c], rights: {} }
  assert.deepEqual(foldRoom(state, a, { kind: 'invited', accounts: [b] }).deputies, [c])
  assert.equal(foldRoom({ ...state, deputies: [c] }, a, { kind: 'invited', accounts: [b] }).deputies[0], c)
})
