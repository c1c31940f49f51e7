import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { memoryMailer, memoryWebhooks, minute, START, subscribe, world } from '../../../../tests/worlds/notifier.ts'
import type { WebhookSender } from './webhook-sender.ts'
import { WEBHOOK_BOUNDS } from './webhook-store.ts'

test('[S8] a webhook gets the incident and each changed component, in order, each once', async (t) => {
  const clock = createTestClock(START)
  const webhooks = memoryWebhooks(clock)
  const it = world(t, { clock, webhooks })
  it.store.webhooks.add('https://hooks.example.kr/1', 'hana', clock.now())
  it.say('i1', {})
  await clock.pass(minute)
  it.say('i1', { status: 'resolved' })
  await clock.pass(minute)
  assert.deepEqual(
    webhooks.calls.map(
      ({ body }) => body.incident?.status ?? JSON.stringify(body.component_update).replace(/.*"old_status":"(\w+)","new_status":"(\w+)".*/, '$1>$2'),
    ),
    ['investigating', 'operational>major_outage', 'resolved', 'major_outage>operational'],
  )
  assert.deepEqual(
    webhooks.calls[2]?.body.incident?.incident_updates.map(({ body }) => body),
    ['말 2', '말 1'],
  )
  assert.equal(new Set(webhooks.calls.map(({ id }) => id)).size, 4)
})

test('[S8] a failed webhook call is repeated under the same id, and newer news does not wait for older news', async (t) => {
  const clock = createTestClock(START)
  let down = true
  const webhooks = memoryWebhooks(clock, () => (down ? 'status:500' : null))
  const it = world(t, { clock, webhooks })
  const id = it.store.webhooks.add('https://hooks.example.kr/1', 'hana', clock.now())?.id ?? 0
  it.say('i1', {})
  await clock.pass(10_000)
  it.say('i1', { status: 'identified' })
  await clock.pass(2 * minute)
  assert.equal(it.store.webhooks.find(id)?.note, 'status:500')
  down = false
  const before = webhooks.calls.length
  await clock.pass(60 * minute)
  const after = webhooks.calls.slice(before).map(({ body }) => body.incident?.status ?? 'component')
  assert.deepEqual(after.toSorted(), ['component', 'identified'])
  const tries = Map.groupBy(webhooks.calls, (call) => call.id)
  assert.ok([...tries.values()].some((calls) => calls.length > 1))
  assert.equal(it.store.webhooks.find(id)?.note, null)
})

test('[O1] an unreachable webhook gets five tries for each notice and is switched off after three days', async (t) => {
  const clock = createTestClock(START)
  const webhooks = memoryWebhooks(clock, () => 'network:ECONNREFUSED')
  const it = world(t, { clock, webhooks })
  const id = it.store.webhooks.add('https://hooks.example.kr/1', 'hana', clock.now())?.id ?? 0
  it.say('i1', { hits: [] })
  await clock.pass(2 * 60 * minute)
  assert.equal(webhooks.calls.filter(({ body }) => body.incident !== undefined).length, 5)
  assert.equal(it.store.webhooks.find(id)?.disabledAt, null)
  clock.set(clock.now() + WEBHOOK_BOUNDS.failingMs)
  it.say('i2', {})
  await clock.pass(2 * 60 * minute)
  assert.notEqual(it.store.webhooks.find(id)?.disabledAt, null)
  assert.equal(it.warnings.length, 1)
  const calls = webhooks.calls.length
  it.say('i3', {})
  await clock.pass(2 * 60 * minute)
  assert.equal(webhooks.calls.length, calls)
})

test('[O1] a slow webhook delays neither other webhooks nor mails', async (t) => {
  const clock = createTestClock(START)
  const inner = memoryWebhooks(clock)
  const stuck: string[] = []
  const webhooks: WebhookSender = {
    send: (call) => (call.url.endsWith('/slow') ? (stuck.push(call.url), new Promise(() => undefined)) : inner.send(call)),
    close: () => undefined,
  }
  const mailer = memoryMailer()
  const it = world(t, { clock, webhooks, mailer })
  // Closing waits for running calls, and this one never ends.
  it.notifier.close = async () => undefined
  await subscribe(it, 'hana@example.kr')
  const letters = mailer.sent.length
  it.store.webhooks.add('https://hooks.example.kr/slow', 'hana', clock.now())
  it.store.webhooks.add('https://hooks.example.kr/quick', 'hana', clock.now())
  it.say('i1', {})
  await clock.pass(minute)
  it.say('i1', { status: 'resolved' })
  await clock.pass(minute)
  assert.equal(inner.calls.length, 4)
  assert.equal(stuck.length, 1)
  assert.equal(mailer.sent.length, letters + 2)
})
