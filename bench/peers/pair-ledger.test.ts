import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PairLedger } from './pair-ledger.ts'

/** Pair 4, users 8 and 9: three messages sent and acknowledged. */
function three(): PairLedger {
  const ledger = new PairLedger()
  for (const id of ['4-1', '4-2', '4-3']) {
    assert.equal(ledger.nextId(4), id)
    ledger.acknowledged(id)
  }
  return ledger
}

function receive(ledger: PairLedger, ...ids: readonly string[]): PairLedger {
  for (const id of ids) ledger.received(9, id)
  return ledger
}

test('[S6] what a peer acknowledged and delivered once and in order has no faults', () => {
  const ledger = receive(three(), '4-1', '4-2', '4-3')
  assert.equal(ledger.settled(), true)
  assert.deepEqual(ledger.close(), [])
  assert.deepEqual([ledger.acknowledgedCount, ledger.receivedCount], [3, 3])
})

test('[S6] a message that a peer lost, doubled or moved is caught: the first, the last, one between, and all', () => {
  for (const ids of [
    [],
    ['4-1', '4-2'],
    ['4-2', '4-3'],
    ['4-1', '4-3'],
    ['4-1', '4-2', '4-2', '4-3'],
    ['4-1', '4-2', '4-3', '4-3'],
    ['4-2', '4-1', '4-3'],
  ])
    assert.notDeepEqual(receive(three(), ...ids).close(), [], ids.join())
  assert.equal(receive(three(), '4-1', '4-2').settled(), false)
})

test('[S6] a message for somebody else, one that nobody sent, and one that is none are caught', () => {
  for (const [user, id] of [
    [8, '4-3'],
    [11, '4-3'],
    [9, '4-4'],
    [9, '5-1'],
    [9, '4-0'],
    [9, 'hello'],
    [9, ''],
  ] as const) {
    const ledger = receive(three(), '4-1', '4-2', '4-3')
    ledger.received(user, id)
    assert.equal(ledger.close().length, 1, `${user} ${id}`)
  }
})

test('[S6] an acknowledgement that is missing, doubled or of nothing is caught', () => {
  const missing = new PairLedger()
  missing.nextId(0)
  missing.received(1, '0-1')
  assert.equal(missing.settled(), false)
  assert.equal(missing.close().length, 1)
  for (const id of ['4-3', '4-4', '5-1', 'hello']) {
    const ledger = receive(three(), '4-1', '4-2', '4-3')
    ledger.acknowledged(id)
    assert.equal(ledger.close().length, 1, id)
  }
})
