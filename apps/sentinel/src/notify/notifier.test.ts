import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { createMailer } from './mailer.ts'
import { NOTIFIER_BOUNDS } from './notifier.ts'
import type { NotifyStore } from './open-store.ts'
import { PLAN_BOUNDS } from './plan.ts'
import { startMailServer } from '../../../../tests/worlds/mail-server.ts'
import { memoryMailer, minute, START, subscribe, world } from '../../../../tests/worlds/notifier.ts'

test('[S8] the first letter asks to confirm and has no unsubscribe link; later the opening and the end are told at once', async (t) => {
  const mailer = memoryMailer()
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const [ask] = mailer.sent
  assert.match(String(ask?.text), /https:\/\/status\.example\.kr\/subscribe\/confirm\?token=1\./)
  assert.equal(ask?.leaveUrl, null)
  it.say('i1', {})
  await it.clock.pass(2_000)
  it.say('i1', { status: 'resolved' })
  await it.clock.pass(2_000)
  const [, opening, end, ...more] = mailer.sent
  assert.deepEqual(more, [])
  assert.match(String(opening?.subject), /^\[봉수\] 조사 중: 메시지 장애$/)
  assert.match(String(end?.subject), /^\[봉수\] 해결: 메시지 장애$/)
  assert.match(String(opening?.leaveUrl), /^https:\/\/status\.example\.kr\/unsubscribe\?token=1\./)
  assert.equal(opening?.references, null)
  assert.equal(end?.references, opening?.messageId, 'mail programs show them together')
  assert.notEqual(end?.messageId, opening?.messageId)
})

test('[S8] a repeated notice, also after a restart, is one mail', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-notifier-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'subscribers.db')
  const mailer = memoryMailer()
  const first = world(t, { mailer, file })
  await subscribe(first, 'hana@example.kr')
  const notice = first.say('i1', {})
  first.notifier.tell([notice, notice])
  await first.clock.pass(minute)
  await first.notifier.close()
  const second = world(t, { mailer, file, clock: first.clock })
  second.notifier.tell([notice])
  await second.clock.pass(10 * minute)
  assert.equal(mailer.sent.length, 2, 'one letter, one notice')
})

test('[S8] fifty updates in ten minutes become few mails, and the last state is told', async (t) => {
  const mailer = memoryMailer()
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const letters = mailer.sent.length
  for (let word = 0; word < 50; word++) {
    it.say('i1', { status: word % 2 === 1 ? 'resolved' : 'investigating' })
    await it.clock.pass(12_000)
  }
  const during = mailer.sent.length - letters
  assert.ok(during <= 4, `${during} mails in ten minutes`)
  await it.clock.pass(PLAN_BOUNDS.intervalMs)
  const told = mailer.sent.slice(letters)
  assert.ok(told.length <= 5)
  assert.match(String(told[0]?.text), /말 1\n/)
  assert.match(String(told.at(-1)?.subject), /해결/)
  assert.match(String(told.at(-1)?.text), /말 50\n/)
  assert.match(String(told.at(-1)?.text), /그사이의 알림 \d+건/)
  await it.clock.pass(60 * minute)
  assert.equal(mailer.sent.length, letters + told.length, 'and then it is quiet')
})

test('[S8] notices are folded too when a flapping service opens one incident after the other', async (t) => {
  const mailer = memoryMailer()
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const letters = mailer.sent.length
  for (let number = 0; number < 25; number++) {
    it.say(`i${number}`, {})
    await it.clock.pass(12_000)
    it.say(`i${number}`, { status: 'resolved' })
    await it.clock.pass(12_000)
  }
  assert.ok(mailer.sent.length - letters <= 6, `${mailer.sent.length - letters} mails in ten minutes`)
  await it.clock.pass(60 * minute)
  const texts = mailer.sent.map(({ text }) => text).join('\n')
  assert.match(texts, /말 50\n/, 'the last word was told')
  assert.ok(mailer.sent.length - letters <= 10)
  assert.ok(mailer.sent.some(({ subject }) => /소식 \d+건/.test(subject)))
})

test('[S8] an unsubscribed person is told nothing more, not even planned notices', async (t) => {
  const mailer = memoryMailer()
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr', 'duri@example.kr')
  it.say('i1', {})
  await it.clock.pass(minute)
  const before = mailer.sent.length
  it.say('i1', { status: 'identified' })
  assert.equal(it.notifier.health().waiting, 2)
  it.store.subscribers.forget(1)
  await it.clock.pass(10 * minute)
  assert.deepEqual(
    mailer.sent.slice(before).map(({ to }) => to),
    ['duri@example.kr'],
  )
})

test('[O1] a deferred mail is tried five times within an hour, and then no more', async (t) => {
  const times: number[] = []
  const mailer = memoryMailer((letter) => (/장애/.test(letter.subject) ? { kind: 'again', own: true, reason: '450 greylisted' } : { kind: 'told' }))
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const send = mailer.send.bind(mailer)
  mailer.send = (letter, claim) => {
    times.push(it.clock.now())
    return send(letter, claim)
  }
  const from = it.clock.now()
  it.say('i1', {})
  await it.clock.pass(3 * 60 * minute)
  assert.equal(times.length, 5)
  // Deliveries are checked once a second, so each step may be up to a second late.
  const steps = times.map((at, index) => at - (times[index - 1] ?? from))
  assert.ok(
    [0, ...PLAN_BOUNDS.retryMs].every((wait, index) => Math.abs((steps[index] ?? 0) - wait) <= NOTIFIER_BOUNDS.lookMs),
    String(steps),
  )
  assert.equal(it.notifier.health().failed, 1)
  assert.equal(it.notifier.health().waiting, 0)
})

test('[S8] while the mail server is down no tries are used up, it is contacted less and less often, and then the newest notice is sent', async (t) => {
  let gone = false
  const mailer = memoryMailer(() => (gone ? { kind: 'again', own: false, reason: 'ECONNREFUSED' } : { kind: 'told' }))
  const it = world(t, { mailer })
  await subscribe(it, 'a@example.kr', 'b@example.kr', 'c@example.kr')
  const letters = mailer.sent.length
  const tries = mailer.tries
  gone = true
  it.say('i1', {})
  await it.clock.pass(60 * minute)
  it.say('i1', { status: 'identified' })
  await it.clock.pass(60 * minute)
  assert.ok(mailer.tries - tries < 100, `${mailer.tries - tries} tries in two hours`)
  assert.equal(it.notifier.health().mailFault, 'ECONNREFUSED')
  assert.deepEqual(it.warnings, ['The mail server cannot be used: ECONNREFUSED'])
  gone = false
  await it.clock.pass(2 * NOTIFIER_BOUNDS.pauseMsMax)
  assert.deepEqual(
    mailer.sent
      .slice(letters)
      .map(({ to, subject }) => `${to} ${subject}`)
      .toSorted(),
    ['a', 'b', 'c'].map((name) => `${name}@example.kr [봉수] 원인 파악: 메시지 장애`),
  )
  assert.equal(it.notifier.health().mailFault, null)
})

test('[S8] a mail that may have arrived is not sent again', async (t) => {
  const mailer = memoryMailer((letter) => (/장애/.test(letter.subject) ? { kind: 'unknown', reason: 'silent after the dot' } : { kind: 'told' }))
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const { tries } = mailer
  it.say('i1', {})
  await it.clock.pass(2 * 60 * minute)
  assert.equal(mailer.tries, tries + 1)
  assert.equal(it.notifier.health().unknown, 1)
})

test('[S8] a missing mailbox ends its subscription after three notices; a single refused mail does not', async (t) => {
  let address = true
  const mailer = memoryMailer((letter) => (/장애/.test(letter.subject) ? { kind: 'refused', address, reason: '550 5.1.1' } : { kind: 'told' }))
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  for (let number = 1; number <= NOTIFIER_BOUNDS.refusalsMax - 1; number++) {
    it.say(`i${number}`, {})
    await it.clock.pass(30 * minute)
  }
  address = false
  it.say('i-spam', {})
  await it.clock.pass(30 * minute)
  assert.equal(it.store.subscribers.counts().confirmed, 1)
  address = true
  it.say('i-last', {})
  await it.clock.pass(30 * minute)
  assert.equal(it.store.subscribers.counts().confirmed, 0)
  assert.deepEqual(it.warnings, ['A subscriber’s mailbox does not exist any more. The subscription has ended.'])
})

test('[S8] on a full disk nobody is told and no notice is lost', async (t) => {
  const mailer = memoryMailer()
  const it = world(t, { mailer })
  await subscribe(it, 'hana@example.kr')
  const letters = mailer.sent.length
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 })
  const deliveries = it.store.deliveries as { plan: (...what: Parameters<NotifyStore['deliveries']['plan']>) => number }
  const plan = deliveries.plan.bind(deliveries)
  deliveries.plan = () => {
    throw full
  }
  it.say('i1', {})
  await it.clock.pass(minute)
  assert.equal(mailer.sent.length, letters)
  assert.equal(it.warnings.length, 1)
  deliveries.plan = plan
  await it.clock.pass(minute)
  assert.equal(mailer.sent.length, letters + 1)
})

test('[S8] from a statement to real mailboxes: two hundred people, each told once', async (t) => {
  const server = await startMailServer()
  t.after(() => server.stop())
  const mailer = createMailer({ url: server.url, from: { name: '봉수', address: 'status@example.kr' }, clock: systemClock })
  const it = world(t, { mailer })
  for (let number = 0; number < 200; number++) {
    it.store.subscribers.ask(`p${number}@example.kr`, number % 2 === 0 ? 'ko' : 'en', START - minute)
    it.store.subscribers.confirm(number + 1, START - minute)
    const ids = it.store.deliveries.waiting('mail', number + 1, START, 1).map(({ id }) => id)
    it.store.deliveries.ended(ids, 'failed', 'not now', START)
  }
  it.say('i1', {})
  for (let wait = 0; wait < 600 && server.received.length < 200; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    await it.clock.pass(1)
  }
  assert.equal(new Set(server.received.map(({ to }) => to[0])).size, 200)
  assert.equal(server.received.length, 200)
  assert.ok(server.connections() <= 10, `${server.connections()} connections`)
  const english = server.received.find(({ to }) => to[0] === 'p1@example.kr')
  assert.equal(english?.mail.subject, '[봉수] Investigating: Messages fail')
  const text = String(english?.mail.text)
  for (const needed of [
    /^What: Messages fail$/m,
    /^Cause: Not yet known\.$/m,
    /^Response: We are investigating\.$/m,
    /^Contact: 02-000-0000$/m,
    /^Began: /m,
  ])
    assert.match(text, needed)
})
