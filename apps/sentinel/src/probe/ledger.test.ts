import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger, remembered } from './ledger.ts'

test('[S1] messages that arrive once and in accepted order are correct', () => {
  const ledger = createLedger()
  assert.equal(ledger.accepted('a', 1, 2, ledger.head), null)
  // Delivery may be quicker than the answer to the sender.
  assert.equal(ledger.arrived('b', 0, 3), null)
  assert.equal(ledger.arrived('a', 1, 2), null)
  assert.equal(ledger.accepted('b', 0, 3, 2), null)
  assert.equal(ledger.head, 3)
  // Shown again under the same seq it is the same message.
  assert.equal(ledger.arrived('a', 1, 2), null)
})

test('[S1] a message at two places, or at another place than the sender was told, is doubled', () => {
  const ledger = createLedger()
  assert.equal(ledger.arrived('a', 1, 2), null)
  assert.equal(ledger.arrived('a', 1, 5), 'doubled')
  assert.equal(ledger.accepted('b', 1, 6, 0), null)
  assert.equal(ledger.arrived('b', 1, 7), 'doubled')
  assert.equal(ledger.arrived('c', 1, 8), null)
  assert.equal(ledger.accepted('c', 1, 9, 0), 'doubled')
})

test('[S1] a message that arrives before an earlier accepted one, or gets a lower seq, is reordered', () => {
  const ledger = createLedger()
  ledger.accepted('a', 1, 2, 0)
  ledger.accepted('b', 1, 3, 2)
  assert.equal(ledger.arrived('b', 1, 3), 'reordered')
  assert.equal(ledger.accepted('c', 1, 3, 3), 'reordered')
  // The opposite direction belongs to the other device, which may be quicker.
  ledger.accepted('d', 0, 5, 3)
  assert.equal(ledger.arrived('e', 1, 6), 'reordered', 'c has not come')
  ledger.givenUp('c')
  ledger.givenUp('a')
  assert.equal(ledger.arrived('f', 1, 7), null)
})

test('[S1] messages a device was not shown do not make the shown ones look reordered', () => {
  const ledger = createLedger()
  ledger.accepted('a', 1, 2, 0)
  ledger.accepted('b', 0, 3, 0)
  ledger.skipped(1, 10)
  assert.equal(ledger.arrived('c', 1, 10), null)
  assert.equal(ledger.arrived('d', 0, 11), 'reordered', 'the other device was not skipped anything')
  ledger.forget()
  assert.equal(ledger.head, 0)
  assert.equal(ledger.arrived('a', 1, 1), null)
})

test('[O1] the ledger remembers a bounded number of the newest messages', () => {
  const ledger = createLedger()
  for (let seq = 1; seq <= remembered; seq++) ledger.arrived(`m${seq}`, 1, seq)
  assert.equal(ledger.arrived('m1', 1, 9_999), 'doubled')
  ledger.arrived('one more', 1, remembered + 1)
  assert.equal(ledger.arrived('m1', 1, 10_000), null, 'forgotten, and new again')
  assert.equal(ledger.arrived(`m${remembered}`, 1, 10_001), 'doubled')
})
