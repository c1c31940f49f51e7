import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { REFUSALS, type ClientMessageId, type ConversationId, type RefusalCode } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import {
  accept,
  acceptedBeyondBound,
  acceptedMax,
  answerMs,
  answerMsMax,
  disconnect,
  inFlightMax,
  isForGood,
  isFull,
  markStored,
  nextOrder,
  outboxItemsMax,
  pendingOf,
  planPutBack,
  putBack,
  putBackMax,
  refuse,
  refuseAll,
  retryMsMax,
  storedOf,
  takeDue,
  without,
  type Outbox,
  type PutBackItem,
} from './outbox.ts'

const idOf = (number: number) => uuidOf(0xe, number) as ClientMessageId

function outboxOf(...rooms: readonly number[]): Outbox {
  return rooms.map((room, index) =>
    pendingOf({
      id: idOf(index + 1),
      conversationId: uuidOf(0xc, room) as ConversationId,
      body: { kind: 'text', text: `${index}` },
      writtenAt: 0,
      order: index + 1,
      refused: null,
    }),
  )
}

const numbers = (due: Outbox) => due.map((item) => item.order)
const progress = (outbox: Outbox) => outbox.map((item) => item.progress)

test('[M6] one entry of a conversation is in flight at a time, in the order of writing', () => {
  const first = takeDue(outboxOf(1, 1, 2, 1, 2), 0)
  assert.deepEqual(numbers(first.due), [1, 3])
  assert.deepEqual(numbers(takeDue(first.outbox, 1).due), [])
  const second = takeDue(accept(first.outbox, idOf(1), 9), 1)
  assert.deepEqual(numbers(second.due), [2])
})

test('[O1] the number of conversations that send at the same time is bounded', () => {
  const rooms = Array.from({ length: inFlightMax + 2 }, (_, index) => index)
  const first = takeDue(outboxOf(...rooms), 0)
  assert.equal(first.due.length, inFlightMax)
  const second = takeDue(accept(first.outbox, idOf(1), 1), 0)
  assert.deepEqual(numbers(second.due), [inFlightMax + 1])
})

test('[C1] an unstored entry is not sent, and the later ones of its conversation wait', () => {
  const outbox = outboxOf(1, 1, 2).map((item) => (item.order === 1 ? { ...item, stored: false } : item))
  assert.deepEqual(numbers(takeDue(outbox, 0).due), [3])
  assert.deepEqual(numbers(takeDue(markStored(outbox, idOf(1)), 0).due), [1, 3])
})

test('[C2] a final refusal marks the entry and lets the next one go; the entry stays until it is removed', () => {
  const { outbox } = takeDue(outboxOf(1, 1), 0)
  const refused = refuse(outbox, idOf(1), 'not-a-member', undefined, 0, 0)
  assert.deepEqual(progress(refused), ['refused', 'waiting'])
  assert.equal(storedOf(refused[0] as Outbox[number]).refused, 'not-a-member')
  assert.deepEqual(numbers(takeDue(refused, 0).due), [2])
  assert.equal(pendingOf(storedOf(refused[0] as Outbox[number])).progress, 'refused', 'also after a restart')
  assert.deepEqual(numbers(without(refused, new Set([idOf(1)]))), [2])
})

test('[M6] a temporary refusal makes only the later ones of its conversation wait', () => {
  const { outbox } = takeDue(outboxOf(1, 1, 2), 0)
  const later = refuse(outbox, idOf(1), 'busy', 5_000, 100, 0)
  assert.deepEqual(progress(later), ['waiting', 'waiting', 'sending'])
  assert.deepEqual(numbers(takeDue(later, 5_099).due), [])
  assert.equal(takeDue(later, 5_099).lookAt, 5_100)
  assert.deepEqual(numbers(takeDue(later, 5_100).due), [1])
})

test('[O3] a given turn is kept, give or take a second; one’s own wait is spread up to twice its length; both are bounded', () => {
  const { outbox } = takeDue(outboxOf(1), 0)
  const until = (retryAfterMs: number, random: number) => refuse(outbox, idOf(1), 'busy', retryAfterMs, 0, random)[0]?.until
  assert.equal(until(4_000, 0), 4_000)
  assert.equal(until(4_000, 0.5), 4_500)
  assert.equal(until(retryMsMax, 0), retryMsMax)
  assert.equal(until(retryMsMax + 1, 0), retryMsMax)
  assert.equal(until(0, 0), 1_000, 'without a wait of its own, back off')
  assert.equal(until(0, 0.5), 1_500)
  assert.equal(until(1_000, 0.5), 1_500)
})

test('[C2] however often an entry was refused for now, it is sent again within 30 s', () => {
  let { outbox } = takeDue(outboxOf(1), 0)
  const waits: number[] = []
  for (let now = 0; waits.length < 10;) {
    outbox = refuse(outbox, idOf(1), 'unavailable', 1_000, now, 0.999_999)
    const { until } = outbox[0] as Outbox[number]
    waits.push(until - now)
    now = until
    outbox = takeDue(outbox, now).outbox
  }
  assert.deepEqual(
    waits.map((ms) => Math.round(ms / 1_000)),
    [2, 4, 8, 16, 30, 30, 30, 30, 30, 30],
  )
})

test('[M2] unanswered entries are sent again under the same id, later each time', () => {
  const first = takeDue(outboxOf(1), 0)
  assert.equal(first.lookAt, answerMs)
  assert.deepEqual(takeDue(first.outbox, answerMs - 1).due, [])
  const second = takeDue(first.outbox, answerMs)
  assert.deepEqual(
    second.due.map((item) => item.id),
    [idOf(1)],
  )
  assert.equal(second.lookAt, answerMs + 2 * answerMs)
  let last = second
  let before = 0
  for (let more = 0; more < 5; more++) {
    before = last.lookAt ?? 0
    last = takeDue(last.outbox, before)
  }
  assert.equal((last.lookAt ?? 0) - before, answerMsMax)
})

test('[M2] after a break everything in flight is due again at once', () => {
  const { outbox } = takeDue(outboxOf(1, 2), 0)
  const accepted = accept(outbox, idOf(2), 1)
  assert.deepEqual(numbers(takeDue(disconnect(accepted), 0).due), [1])
})

test('[C3] nothing is shown as sent before it was accepted, and a repeated or unknown answer changes nothing', () => {
  const { outbox } = takeDue(outboxOf(1), 0)
  assert.deepEqual(progress(outbox), ['sending'])
  const sent = accept(outbox, idOf(1), 7)
  assert.deepEqual(progress(sent), ['sent'])
  assert.equal(accept(sent, idOf(1), 8)[0]?.seq, 7)
  assert.deepEqual(progress(refuse(sent, idOf(1), 'not-a-member', undefined, 0, 0)), ['sent'])
  assert.deepEqual(accept(sent, idOf(9), 8), sent)
})

test('[C2] codes about the connection, and unknown codes, are never final', () => {
  for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
    const ofConnection = code === 'unauthenticated' || code === 'version-unsupported'
    assert.equal(isForGood(code), REFUSALS[code].retry === 'never' && !ofConnection, code)
  }
  assert.equal(isForGood('sun-too-bright' as RefusalCode), false)
  assert.equal(isForGood('toString' as RefusalCode), false)
})

test('[O1] the outbox is full at its bound; sent entries do not count', () => {
  const outbox = outboxOf(...Array.from({ length: outboxItemsMax }, () => 1))
  assert.equal(isFull(outbox.slice(1)), false)
  assert.equal(isFull(outbox), true)
  assert.equal(isFull(accept(outbox, idOf(5), 1)), false)
})

/** Own messages of a lost history, with these times. */
function lost(...times: readonly number[]): PutBackItem[] {
  return times.map((writtenAt, index) => ({
    id: uuidOf(0xb, index) as ClientMessageId,
    conversationId: uuidOf(0xc, 1) as ConversationId,
    body: { kind: 'text', text: `lost ${index}` },
    writtenAt,
  }))
}

const putBackNow = (outbox: Outbox, items: readonly PutBackItem[]) => putBack(outbox, planPutBack(outbox, items, new Map()))

test('[A4] beyond the bound the newest messages are put back, in the order given although the server’s clock went back', () => {
  const items = lost(9, ...Array.from({ length: putBackMax }, (_, index) => 10 + ((index * 7) % putBackMax)))
  const all = putBackNow([], items.slice(1))
  assert.deepEqual(
    all.map(({ id }) => id),
    items.slice(1).map(({ id }) => id),
  )
  const over = putBackNow([], items)
  assert.deepEqual(
    over.map(({ id }) => id),
    items.slice(1).map(({ id }) => id),
    'only the oldest is left behind',
  )
  assert.deepEqual(numbers(over.toSorted((a, b) => a.order - b.order)), numbers(over))
})

test('[O1] two restores in a row put back no more than one: waiting messages of the first count', () => {
  const first = putBackNow(outboxOf(1), lost(...Array.from({ length: putBackMax - 1 }, (_, index) => index)))
  const more = lost(1, 2, 3).map((item, index) => ({ ...item, id: uuidOf(0xd, index) as ClientMessageId }))
  const second = putBackNow(first, more)
  assert.equal(second.length, 1 + putBackMax)
  assert.equal(second[0]?.id, more[2]?.id)
  assert.equal(putBackNow(second, more).length, second.length)
})

test('[A4] an accepted entry is stored with its place, and after a restart neither sent nor counted', () => {
  const sent = accept(takeDue(outboxOf(1), 0).outbox, idOf(1), 7)
  const read = sent.map((item) => pendingOf(storedOf(item)))
  assert.deepEqual([read[0]?.progress, read[0]?.seq, takeDue(read, 0).due], ['sent', 7, []])
})

test('[O1] accepted entries that have not arrived are bounded, and the newest are kept', () => {
  const sentOf = (count: number) => outboxOf(...Array.from({ length: count }, () => 1)).map((item) => pendingOf({ ...storedOf(item), accepted: 2 }))
  assert.deepEqual(acceptedBeyondBound([...sentOf(acceptedMax), ...outboxOf(1)]), [])
  assert.deepEqual(acceptedBeyondBound(sentOf(acceptedMax + 1)), [idOf(1)])
})

test('[A4] accepted entries that have not arrived wait again before everything else, in order, and do not block writing', () => {
  const sent = outboxOf(1, 2, 1).map((item) => pendingOf({ ...storedOf(item), accepted: 5 }))
  const waiting = outboxOf(1, 1, 1, 1, 2).slice(3)
  const back = putBackNow([...sent, ...waiting], lost(1))
  assert.deepEqual(
    back.map(({ id }) => id),
    [lost(1)[0]?.id, ...sent.map(({ id }) => id), ...waiting.map(({ id }) => id)],
  )
  assert.deepEqual(new Set(progress(back)), new Set(['waiting']))
  assert.deepEqual(numbers(back), [-3, -2, -1, 0, 4, 5])
  assert.ok(back.every((item) => storedOf(item).accepted === undefined))
})

test('[A4] many messages put back do not block writing', () => {
  const outbox = putBackNow(
    outboxOf(...Array.from({ length: outboxItemsMax - 1 }, () => 1)),
    lost(...Array.from({ length: 2 * outboxItemsMax }, () => 1)),
  )
  assert.equal(isFull(outbox), false)
  assert.equal(isFull([...outbox, ...outboxOf(2).map((item) => ({ ...item, order: outboxItemsMax }))]), true)
})

test('[C1] entries of another account are refused, never sent', () => {
  const outbox = refuseAll(outboxOf(1, 2), 'forbidden')
  assert.deepEqual(takeDue(outbox, 0).due, [])
  assert.deepEqual(progress(outbox), ['refused', 'refused'])
})

test('[C2] a clock that is set back does not stop the outbox', () => {
  const { outbox } = takeDue(outboxOf(1), 1_000_000_000)
  assert.equal(takeDue(outbox, 0).due.length, 1)
})

test('[M6] with any faults, entries of a conversation are accepted in the order of writing', () => {
  const step = fc.record({ what: fc.constantFrom('answer', 'later', 'never', 'break', 'time'), which: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }), fc.array(step, { maxLength: 80 }), (rooms, steps) => {
      let outbox = outboxOf(...rooms)
      let now = 0
      const accepted = new Map<string, number[]>()
      for (const { what, which } of steps) {
        outbox = takeDue(outbox, now).outbox
        const underWay = outbox.filter((item) => item.progress === 'sending')
        assert.equal(new Set(underWay.map((item) => item.conversationId)).size, underWay.length, 'one under way in each conversation')
        const item = underWay[which % Math.max(1, underWay.length)]
        if (what === 'time') now += which * 1_000
        else if (what === 'break') outbox = disconnect(outbox)
        else if (item === undefined) continue
        else if (what === 'answer') {
          outbox = accept(outbox, item.id, 1)
          accepted.set(item.conversationId, [...(accepted.get(item.conversationId) ?? []), item.order])
        } else outbox = refuse(outbox, item.id, what === 'later' ? 'busy' : 'not-a-member', 1_000, now, 0.5)
      }
      for (const orders of accepted.values())
        assert.deepEqual(
          orders,
          [...orders].toSorted((a, b) => a - b),
        )
      assert.equal(outbox.length, rooms.length, 'nothing leaves by itself')
      assert.equal(nextOrder(outbox), rooms.length + 1)
    }),
  )
})
