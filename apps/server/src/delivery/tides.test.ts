import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Start } from './history-store.ts'
import { createTides, LINEAGE_STARTS, type Tides, type Told } from './tides.ts'

const KEY = new Uint8Array(32).fill(1)
const start = (number: number, written: number, id = `id-${number}`): Start => ({ start: number, id, written })
/** A store with these starts, the newest first. */
const tidesOf = (starts: readonly Start[], epoch = 'one', key = KEY): Tides =>
  createTides(key, { epoch, starts: () => starts, current: () => starts[0] })
const told = (tides: Tides): Told => [tides.lineage()!, tides.tide()!]

test('[A7] a statement of what the store has proves nothing; one beyond it, and one of a start it never had, prove a lost future', () => {
  const store = tidesOf([start(3, 10), start(2, 70), start(1, 5)])
  for (const [statement, lost] of [
    [told(tidesOf([start(3, 10), start(2, 70)])), null],
    [told(tidesOf([start(2, 70), start(1, 5)])), null],
    [told(tidesOf([start(1, 4)])), null],
    [told(tidesOf([start(3, 11), start(2, 70)])), { lastCommonStart: 3 }],
    [told(tidesOf([start(2, 71), start(1, 5)])), { lastCommonStart: 2 }],
    [told(tidesOf([start(4, 1), start(3, 12)])), { lastCommonStart: 3 }],
    // The number was given to two starts: the snapshot was put back, and the server went on.
    [told(tidesOf([start(3, 1, 'other'), start(2, 99)])), { lastCommonStart: 2 }],
    [told(tidesOf([start(5, 1, 'other'), start(4, 1, 'more'), start(3, 1, 'again'), start(2, 99)])), { lastCommonStart: 2 }],
    [told(tidesOf([start(2, 1, 'other'), start(1, 99, 'more')])), { lastCommonStart: null }],
  ] as const)
    assert.deepEqual(store.lostFuture(statement), lost, statement.join(' '))
  assert.deepEqual(tidesOf([]).lostFuture(told(store)), { lastCommonStart: null }, 'from before anything was counted')
})

test('[A7] nobody can make up a statement: of another key, another epoch, changed, or torn', () => {
  const store = tidesOf([start(3, 10)])
  const [lineage, tide] = told(tidesOf([start(3, 99)]))
  assert.notEqual(store.lostFuture([lineage, tide]), null)
  const mac = tide.split('.').at(-1)!
  for (const forged of [
    told(tidesOf([start(3, 99)], 'one', new Uint8Array(32).fill(2)))[1],
    told(tidesOf([start(3, 99)], 'two'))[1],
    tide.replace('99', '98'),
    `3.id-3.99.${mac.replace(mac[0]!, mac[0] === 'A' ? 'B' : 'A')}`,
    '3.id-3.99.',
    '3.id-3.99',
    '4',
    '.',
  ])
    assert.equal(store.lostFuture([lineage, forged]), null, forged)
  assert.deepEqual(
    tidesOf([start(2, 1), start(1, 1)]).lostFuture(['made up', tide]),
    { lastCommonStart: null },
    'a made-up lineage names nothing in common',
  )
})

test('[A7] a tide follows the store and its epoch', () => {
  let [epoch, starts]: [string, readonly Start[]] = ['one', [start(3, 10)]]
  const tides = createTides(KEY, {
    get epoch() {
      return epoch
    },
    starts: () => starts,
    current: () => starts[0],
  })
  assert.equal(tides.tide(), tides.tide())
  starts = [start(3, 11)]
  const before = tides.tide()!
  assert.equal(before.split('.')[2], '11')
  epoch = 'two'
  const after = tides.tide()!
  const store = tidesOf([], 'two')
  assert.deepEqual([store.lostFuture(['', before]), store.lostFuture(['', after])], [null, { lastCommonStart: null }])
})

test('[A7] a statement older than the starts that the store remembers proves nothing, and a lineage is bounded', () => {
  const many = Array.from({ length: 64 }, (_, index) => start(100 - index, 1))
  const store = tidesOf(many)
  assert.equal(store.lostFuture(told(tidesOf([start(36, 1)]))), null)
  assert.deepEqual(store.lostFuture(told(tidesOf([start(37, 2)]))), { lastCommonStart: 37 })
  assert.equal(store.lineage()!.split('.').length, 1 + LINEAGE_STARTS + 1)
  assert.ok(store.lineage()!.length <= 256)
  assert.deepEqual([tidesOf([]).lineage(), tidesOf([]).tide()], [undefined, undefined])
})
