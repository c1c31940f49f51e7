import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from './ledger.ts'

/** One conversation whose head is 1; device 0 sends a, b, c, which become 2, 3, 4, and has received them itself. */
function three(): Ledger {
  const ledger = new Ledger()
  ledger.expect(0, 'room', 1)
  ledger.expect(1, 'room', 1)
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    ledger.sent(0, 'room', id)
    ledger.accepted('room', id, index + 2)
    ledger.received(0, 'room', index + 2, id)
  }
  return ledger
}

function receive(ledger: Ledger, ...entries: readonly (readonly [number, string])[]): Ledger {
  for (const [seq, id] of entries) ledger.received(1, 'room', seq, id)
  return ledger
}

test('[D2] what arrived once and in order everywhere has no faults', () => {
  const ledger = receive(three(), [2, 'a'], [3, 'b'], [4, 'c'])
  assert.equal(ledger.settled(), true)
  assert.deepEqual(ledger.close(), [])
  assert.deepEqual([ledger.acceptedCount, ledger.receivedCount], [3, 6])
})

test('[M5] an entry may reach another device before its sender has heard of it', () => {
  const ledger = new Ledger()
  ledger.expect(1, 'room', 0)
  ledger.sent(0, 'room', 'a')
  receive(ledger, [1, 'a'])
  assert.equal(ledger.settled(), false)
  ledger.accepted('room', 'a', 1)
  assert.equal(ledger.settled(), true)
  assert.deepEqual(ledger.close(), [])
})

test('[M1] a lost message is caught: the last, the first, one between, and all', () => {
  const losses: readonly (readonly (readonly [number, string])[])[] = [
    [
      [2, 'a'],
      [3, 'b'],
    ],
    [
      [3, 'b'],
      [4, 'c'],
    ],
    [
      [2, 'a'],
      [4, 'c'],
    ],
    [],
  ]
  for (const arrived of losses) assert.notDeepEqual(receive(three(), ...arrived).close(), [], JSON.stringify(arrived))
  assert.equal(receive(three(), [2, 'a'], [3, 'b']).settled(), false)
})

test('[D2] a doubled message is caught', () => {
  assert.notDeepEqual(receive(three(), [2, 'a'], [3, 'b'], [3, 'b'], [4, 'c']).close(), [])
  assert.notDeepEqual(receive(three(), [2, 'a'], [3, 'b'], [4, 'c'], [4, 'c']).close(), [])
})

test('[M2] a message that is kept twice, at two places, is caught even where everybody got both in order', () => {
  const ledger = receive(three(), [2, 'a'], [3, 'b'], [4, 'c'], [5, 'c'])
  ledger.received(0, 'room', 5, 'c')
  assert.match(ledger.close().join(), /c of room stands at seq 4 and again at 5/)
})

test('[M1] a message accepted at a place that was taken before it was sent is caught', () => {
  const ledger = new Ledger()
  ledger.expect(1, 'room', 7)
  ledger.sent(0, 'room', 'a')
  ledger.accepted('room', 'a', 7)
  assert.match(ledger.close().join(), /seq 7 of room, where something stood before/)

  const next = new Ledger()
  next.expect(1, 'room', 7)
  next.sent(0, 'room', 'a')
  next.accepted('room', 'a', 8)
  next.received(1, 'room', 8, 'a')
  assert.deepEqual(next.close(), [])
})

test('[D2] reordered messages are caught', () => {
  assert.notDeepEqual(receive(three(), [3, 'b'], [2, 'a'], [4, 'c']).close(), [])
})

test('[M3] one place with two messages is caught, whoever was told what', () => {
  assert.notDeepEqual(receive(three(), [2, 'a'], [3, 'x'], [4, 'c']).close(), [])
  const ledger = new Ledger()
  for (const id of ['a', 'b']) {
    ledger.sent(id === 'a' ? 0 : 1, 'room', id)
    ledger.accepted('room', id, 1)
  }
  assert.notDeepEqual(ledger.close(), [])
})

test('[M2] an answer to nothing, a second answer, and no answer are caught', () => {
  const never = new Ledger()
  never.accepted('room', 'a', 1)
  assert.equal(never.close().length, 1)

  const twice = new Ledger()
  twice.sent(0, 'room', 'a')
  twice.accepted('room', 'a', 1)
  twice.accepted('room', 'a', 1)
  assert.equal(twice.close().length, 1)

  const none = new Ledger()
  none.sent(0, 'room', 'a')
  assert.equal(none.settled(), false)
  assert.equal(none.close().length, 1)
})

test('[M6] entries of one device accepted in another order are caught; two devices have no order between them', () => {
  const faults = (senders: readonly [number, number]): readonly string[] => {
    const ledger = new Ledger()
    ledger.sent(senders[0], 'room', 'a')
    ledger.sent(senders[1], 'room', 'b')
    ledger.accepted('room', 'b', 1)
    ledger.accepted('room', 'a', 2)
    return ledger.close()
  }
  assert.equal(faults([0, 0]).length, 1)
  assert.deepEqual(faults([0, 1]), [])
})

test('[W4] an entry for somebody else is caught', () => {
  const ledger = new Ledger()
  ledger.received(1, 'room', 1, 'a')
  assert.equal(ledger.close().length, 1)
})

test('[O1] of many faults the first twenty are told, and how many more there were', () => {
  const ledger = new Ledger()
  for (let seq = 1; seq <= 25; seq++) ledger.received(1, 'room', seq, String(seq))
  const faults = ledger.close()
  assert.equal(faults.length, 21)
  assert.equal(faults.at(-1), 'and 5 more')
})
