import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openIncident, nextUpdate, foldIncidents } from '../incident/updates.ts'
import type { IncidentUpdate } from '../vocabulary/incident.ts'
import { DELIVERY_BOUNDS } from './delivery-store.ts'
import { openNotifyStore, type NotifyStore } from './open-store.ts'
import { PLAN_BOUNDS } from './plan.ts'
import { changesOf, type StoredNotice } from './notice.ts'
import { SUBSCRIBER_BOUNDS } from './subscriber-store.ts'
import { WEBHOOK_BOUNDS } from './webhook-store.ts'

const now = 1_800_000_000_000
const minute = 60_000

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-notify-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function storeFor(t: TestContext): NotifyStore {
  const store = openNotifyStore(join(folderFor(t), 'subscribers.db'), now)
  t.after(() => store.close())
  return store
}

function subscribed(store: NotifyStore, ...addresses: readonly string[]): readonly number[] {
  for (const address of addresses) assert.equal(store.subscribers.ask(address, 'ko', now - minute), 'planned')
  const targets = store.deliveries.due('mail', now, 100)
  for (const id of targets) {
    assert.ok(store.subscribers.confirm(id, now - minute))
    const letters = store.deliveries.waiting('mail', id, now, 10).map((each) => each.id)
    assert.ok(store.deliveries.claim(letters, now - minute))
    store.deliveries.ended(letters, 'told', null, now - minute)
  }
  return targets
}

const opening: IncidentUpdate = openIncident(
  {
    id: 'i1',
    title: { ko: '장애', en: 'Outage' },
    body: { ko: '본문', en: 'Body' },
    hits: [{ component: 'messaging', condition: 'major_outage', profiles: ['pc', 'phone'] }],
    impact: 'critical',
    startedAt: now,
    detectedAt: now,
  },
  { kind: 'auto' },
  now,
)

function noticeOf(update: IncidentUpdate): StoredNotice {
  return { notice: { kind: 'incident', key: `${update.incidentId}:${update.number}`, update }, changes: changesOf(update, undefined) }
}

function after(change: Partial<IncidentUpdate>, at: number, number = 2): StoredNotice {
  const [incident] = foldIncidents([opening])
  assert.ok(incident !== undefined)
  const update = nextUpdate(incident, { body: { ko: '다음', en: 'Next' }, ...change }, { kind: 'auto' }, at)
  return noticeOf({ ...update, number })
}

test('[S8] an unconfirmed person gets only the question and is deleted after a day', (t) => {
  const store = storeFor(t)
  assert.equal(store.subscribers.ask('hana@example.kr', 'en', now), 'planned')
  store.deliveries.plan([noticeOf(opening)], now)
  const [id = 0] = store.deliveries.due('mail', now, 10)
  assert.deepEqual(
    store.deliveries.waiting('mail', id, now, 10).map(({ subject }) => subject),
    ['letter'],
  )
  assert.equal(store.subscribers.tidy(now + SUBSCRIBER_BOUNDS.confirmMs - 1), 0)
  assert.equal(store.subscribers.tidy(now + SUBSCRIBER_BOUNDS.confirmMs), 1)
  assert.equal(store.subscribers.find(id), null)
  assert.deepEqual(store.deliveries.due('mail', now, 10), [])
})

test('[S8] one address gets at most three letters a day, in any spelling and from any visitor', (t) => {
  const store = storeFor(t)
  const asked = ['hana@example.kr', 'Hana@example.kr', 'HANA@example.kr', 'hana@example.kr'].map((address) =>
    store.subscribers.ask(address, 'ko', now),
  )
  assert.deepEqual(asked, ['planned', 'planned', 'planned', 'enough'])
  assert.deepEqual(store.subscribers.counts(), { confirmed: 0, pending: 1 })
  const [id = 0] = store.deliveries.due('mail', now, 10)
  assert.equal(store.deliveries.waiting('mail', id, now, 10).length, 1, 'a letter that waits is replaced by the next')
  assert.ok(store.subscribers.confirm(id, now))
  assert.equal(store.subscribers.ask('hana@example.kr', 'en', now + SUBSCRIBER_BOUNDS.confirmMs - 1), 'enough')
  assert.equal(store.subscribers.ask('hana@example.kr', 'en', now + SUBSCRIBER_BOUNDS.confirmMs), 'planned')
  assert.equal(store.subscribers.find(id)?.language, 'ko', 'a stranger does not change the language')
  assert.equal(store.subscribers.find(id)?.expiresAt, null)
})

test('[O1] the list of unconfirmed people is bounded, and a full list answers everybody the same', (t) => {
  const store = storeFor(t)
  // Slowly, because letters are bounded by the hour.
  const at = (number: number): number => now + number * 20_000
  for (let number = 0; number < SUBSCRIBER_BOUNDS.pendingMax; number++)
    assert.equal(store.subscribers.ask(`p${number}@example.kr`, 'ko', at(number)), 'planned')
  const last = at(SUBSCRIBER_BOUNDS.pendingMax)
  assert.equal(store.subscribers.ask('one-more@example.kr', 'ko', last), 'full')
  assert.equal(store.subscribers.ask('p0@example.kr', 'ko', last), 'full')
  assert.equal(store.subscribers.ask('one-more@example.kr', 'ko', last + SUBSCRIBER_BOUNDS.confirmMs), 'planned')
})

test('[S8] after unsubscribing not one byte of the address stays in the files', (t) => {
  const folder = folderFor(t)
  const store = openNotifyStore(join(folder, 'subscribers.db'), now)
  t.after(() => store.close())
  const address = 'a-very-particular-address@example.kr'
  const [id = 0] = subscribed(store, address)
  store.deliveries.plan([noticeOf(opening)], now)
  const bytes = (): string =>
    readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'latin1'))
      .join('')
  assert.ok(bytes().includes(address))
  assert.equal(statSync(join(folder, 'subscribers.db')).mode & 0o777, 0o600)
  assert.ok(store.subscribers.forget(id))
  assert.equal(store.subscribers.forget(id), false)
  store.scrub()
  assert.equal(bytes().includes(address), false)
  assert.deepEqual(store.deliveries.due('mail', now + 86_400_000, 10), [])
  assert.equal(store.subscribers.ask(address, 'ko', now), 'planned')
  assert.notEqual(store.deliveries.due('mail', now, 1)[0], id, 'an id is never given again')
})

test('[S8] the same notice twice is one delivery', (t) => {
  const store = storeFor(t)
  subscribed(store, 'a@example.kr', 'b@example.kr')
  assert.equal(store.deliveries.plan([noticeOf(opening), noticeOf(opening)], now), 1)
  assert.equal(store.deliveries.plan([noticeOf(opening)], now + 1), 0)
  assert.equal(store.deliveries.counts(now).waiting, 2)
})

test('[S8] statements from before the subscription, silent ones and old ones are not told', (t) => {
  const store = storeFor(t)
  subscribed(store, 'a@example.kr')
  const early = { ...opening, incidentId: 'early', at: now - minute - 1 }
  const quiet = { ...opening, incidentId: 'quiet', notify: false }
  const stale = { ...opening, incidentId: 'stale', at: now }
  assert.equal(store.deliveries.plan([noticeOf(early), noticeOf(quiet)], now), 2)
  assert.equal(store.deliveries.plan([noticeOf(stale)], now + PLAN_BOUNDS.staleMs + 1), 1)
  assert.equal(store.deliveries.counts(now).waiting, 0)
  assert.equal(store.deliveries.plan([noticeOf({ ...stale, incidentId: 'fresh' })], now + PLAN_BOUNDS.staleMs), 1)
  assert.equal(store.deliveries.counts(now).waiting, 1)
})

test('[S8] waiting notices are folded into the newer one and counted', (t) => {
  const store = storeFor(t)
  const [id = 0] = subscribed(store, 'a@example.kr')
  store.deliveries.plan([noticeOf(opening), after({}, now), after({ status: 'resolved' }, now, 3)], now)
  const [only, ...more] = store.deliveries.waiting('mail', id, now, 10)
  assert.deepEqual(more, [])
  assert.equal(only?.noticeKey, 'i1:3')
  assert.equal(only.folds, 2)
})

test('[S8] between start and end, notices are five minutes apart', (t) => {
  const store = storeFor(t)
  const [id = 0] = subscribed(store, 'a@example.kr')
  const told = (at: number): readonly string[] => {
    const waiting = store.deliveries.waiting('mail', id, at, 10)
    assert.ok(
      store.deliveries.claim(
        waiting.map((each) => each.id),
        at,
        { target: id, until: 0 },
      ),
    )
    store.deliveries.ended(
      waiting.map((each) => each.id),
      'told',
      null,
      at,
    )
    return waiting.map(({ noticeKey }) => noticeKey)
  }
  store.deliveries.plan([noticeOf(opening)], now)
  assert.deepEqual(told(now), ['i1:1'])
  store.deliveries.plan([after({}, now + 1)], now + 1)
  assert.deepEqual(told(now + 5 * minute - 1), [])
  assert.deepEqual(told(now + 5 * minute), ['i1:2'])
  store.deliveries.plan([after({ status: 'resolved' }, now + 5 * minute + 1, 3)], now + 5 * minute + 1)
  assert.deepEqual(told(now + 5 * minute + 1), ['i1:3'])
})

test('[S8] a delivery is claimed once, and not at all after a newer notice', (t) => {
  const store = storeFor(t)
  const [id = 0] = subscribed(store, 'a@example.kr')
  store.deliveries.plan([noticeOf(opening)], now)
  const ids = store.deliveries.waiting('mail', id, now, 10).map((each) => each.id)
  assert.ok(store.deliveries.claim(ids, now, { target: id, until: 7 }))
  assert.equal(store.subscribers.find(id)?.spentUntil, 7)
  assert.equal(store.deliveries.claim(ids, now, { target: id, until: 8 }), false)
  assert.equal(store.subscribers.find(id)?.spentUntil, 7, 'what was not claimed spends nothing')
  store.deliveries.plan([after({}, now)], now)
  const next = store.deliveries.waiting('mail', id, now + 5 * minute, 10).map((each) => each.id)
  store.deliveries.plan([after({}, now, 3)], now)
  assert.equal(store.deliveries.claim(next, now), false)
})

test('[S8] after a kill during sending, a mail is not sent again and a webhook is', (t) => {
  const folder = folderFor(t)
  const first = openNotifyStore(join(folder, 'subscribers.db'), now)
  const [id = 0] = subscribed(first, 'a@example.kr')
  const webhook = first.webhooks.add('https://hooks.example.kr/1', 'hana', now - minute)
  assert.ok(webhook !== null)
  first.deliveries.plan([noticeOf(opening)], now)
  for (const [channel, target] of [
    ['mail', id],
    ['webhook', webhook.id],
  ] as const)
    assert.ok(
      first.deliveries.claim(
        first.deliveries.waiting(channel, target, now, 10).map((each) => each.id),
        now,
      ),
    )
  first.close()
  const second = openNotifyStore(join(folder, 'subscribers.db'), now)
  t.after(() => second.close())
  second.deliveries.recover(now)
  assert.deepEqual(second.deliveries.due('mail', now, 10), [])
  assert.equal(second.deliveries.counts(now).unknown, 1)
  assert.deepEqual(
    second.deliveries.waiting('webhook', webhook.id, now, 10).map(({ part }) => part),
    ['', 'messaging'],
  )
})

test('[O1] at most two hundred deliveries wait for one webhook', (t) => {
  const store = storeFor(t)
  const webhook = store.webhooks.add('https://hooks.example.kr/1', 'hana', now - minute)
  assert.ok(webhook !== null)
  const many = Array.from({ length: DELIVERY_BOUNDS.perWebhookMax + 1 }, (_, index) => ({
    ...noticeOf({ ...opening, incidentId: `n${index}` }),
    changes: [],
  }))
  store.deliveries.plan(many, now)
  const waiting = store.deliveries.waiting('webhook', webhook.id, now, 1_000)
  assert.equal(waiting.length, DELIVERY_BOUNDS.perWebhookMax)
  assert.equal(waiting[0]?.noticeKey, 'n1:1')
})

test('[S8] a webhook is switched off after three days of failures with a reason, and can be switched on again', (t) => {
  const store = storeFor(t)
  const id = store.webhooks.add('https://hooks.example.kr/1', 'hana', now)?.id ?? 0
  assert.equal(store.webhooks.add('https://hooks.example.kr/1', 'duri', now), null)
  assert.equal(store.webhooks.failed(id, 'status:500', true, now), false)
  assert.equal(store.webhooks.failed(id, 'status:500', true, now + WEBHOOK_BOUNDS.failingMs - 1), false)
  store.webhooks.reached(id, now + WEBHOOK_BOUNDS.failingMs - 1)
  assert.equal(store.webhooks.failed(id, 'status:500', true, now + WEBHOOK_BOUNDS.failingMs), false, 'a success begins the count anew')
  assert.equal(
    store.webhooks.failed(id, 'status:502', false, now + 2 * WEBHOOK_BOUNDS.failingMs),
    false,
    'a delivery that may still arrive decides nothing',
  )
  assert.equal(store.webhooks.failed(id, 'status:502', true, now + 2 * WEBHOOK_BOUNDS.failingMs), true)
  assert.equal(store.webhooks.find(id)?.note, 'status:502')
  store.deliveries.plan([noticeOf({ ...opening, at: now + 2 * WEBHOOK_BOUNDS.failingMs })], now + 2 * WEBHOOK_BOUNDS.failingMs)
  assert.deepEqual(store.deliveries.due('webhook', now + 3 * WEBHOOK_BOUNDS.failingMs, 10), [])
  assert.ok(store.webhooks.enable(id))
  assert.equal(store.webhooks.find(id)?.disabledAt, null)
})

test('[O1] at most a hundred webhooks', (t) => {
  const store = storeFor(t)
  for (let number = 0; number < WEBHOOK_BOUNDS.webhooksMax; number++)
    assert.notEqual(store.webhooks.add(`https://h.example.kr/${number}`, 'hana', now), null)
  assert.equal(store.webhooks.add('https://h.example.kr/more', 'hana', now), null)
})

test('[S8] deliveries that waited too long are ended, and old rows are deleted', (t) => {
  const store = storeFor(t)
  subscribed(store, 'a@example.kr')
  store.deliveries.plan([noticeOf(opening)], now)
  store.deliveries.tidy(now + PLAN_BOUNDS.staleMs)
  assert.equal(store.deliveries.counts(now).waiting, 1)
  const later = now + PLAN_BOUNDS.staleMs + 1
  store.deliveries.tidy(later)
  assert.equal(store.deliveries.counts(later).waiting, 0)
  assert.equal(store.deliveries.counts(later).failed, 1)
  assert.notEqual(store.deliveries.notice('i1:1'), null)
  store.deliveries.tidy(later + DELIVERY_BOUNDS.keepMs + 1)
  assert.equal(store.deliveries.notice('i1:1'), null)
})

test('[S8] a clock set back by a day does not delay deliveries by a day', (t) => {
  const store = storeFor(t)
  const [id = 0] = subscribed(store, 'a@example.kr')
  store.deliveries.plan([noticeOf(opening)], now)
  const ids = store.deliveries.waiting('mail', id, now, 10).map((each) => each.id)
  store.deliveries.putOff(ids, now + 30_000, true, 'later')
  assert.deepEqual(store.deliveries.due('mail', now, 10), [])
  assert.deepEqual(store.deliveries.due('mail', now - 86_400_000, 10), [id])
})

test('[S8] mails that ask to confirm are bounded for all addresses together, by the hour', (t) => {
  const { subscribers } = storeFor(t)
  const ask = (n: number, at: number) => subscribers.ask(`a${n}@example.kr`, 'ko', at)
  for (let n = 0; n < SUBSCRIBER_BOUNDS.lettersPerHourMax; n++) assert.equal(ask(n, now), 'planned')
  assert.equal(ask(1_000, now + 3_599_999), 'full')
  assert.equal(ask(1_000, now + 3_600_000), 'planned')
})
