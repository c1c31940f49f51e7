import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backlog } from './backlog.ts'

test('[F2] a stream that makes progress is not late, however much there is to send', () => {
  const backlog = new Backlog(0)
  for (let now = 1_000, sent = 0; now < 60_000; now += 1_000, sent += 10)
    assert.ok(backlog.look(now, { sent, owed: sent + 10 }, 0) <= 1_000, `${now}`)
})

test('[F2] data owed at one check and not completely sent counts from then on, despite partial progress', () => {
  const backlog = new Backlog(0)
  assert.equal(backlog.look(1_000, { sent: 0, owed: 100 }, 0), 0)
  for (let second = 2; second <= 10; second++)
    assert.equal(backlog.look(1_000 * second, { sent: second, owed: 100 + second }, 0), 1_000 * (second - 1))
  assert.equal(backlog.look(11_000, { sent: 100, owed: 120 }, 0), 0, 'all that was owed at the mark has gone')
  assert.equal(backlog.look(12_000, { sent: 100, owed: 120 }, 0), 1_000)
  assert.equal(backlog.look(13_000, null, 0), 0)
})

test('[F2] waiting bytes count since they last became fewer', () => {
  const backlog = new Backlog(0)
  assert.equal(backlog.look(1_000, null, 500), 1_000)
  assert.equal(backlog.look(2_000, null, 500), 2_000)
  assert.equal(backlog.look(3_000, null, 900), 3_000, 'more is no progress')
  assert.equal(backlog.look(4_000, null, 899), 0)
  assert.equal(backlog.look(5_000, null, 899), 1_000)
  assert.equal(backlog.look(6_000, null, 0), 0)
})

test('[F2] leaving a conversation does not make the others late', () => {
  const backlog = new Backlog(0)
  backlog.look(1_000, { sent: 1_000, owed: 1_010 }, 0)
  assert.equal(backlog.look(2_000, { sent: 20, owed: 21 }, 0), 0)
})
