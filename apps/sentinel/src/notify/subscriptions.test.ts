import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { createPages } from '../publish/pages.ts'
import { openNotifyStore, type NotifyStore } from './open-store.ts'
import { subscriberKeys } from './subscriber-keys.ts'
import { SUBSCRIBER_BOUNDS } from './subscriber-store.ts'
import { mountSubscriptions, SUBSCRIPTION_BOUNDS } from './subscriptions.ts'
import { createTestClock, type TestClock } from '../../../../tests/worlds/notifier-clock.ts'

const now = 1_800_000_000_000
const keys = subscriberKeys(Buffer.alloc(32, 3))

interface World {
  readonly app: FastifyInstance
  readonly store: NotifyStore
  readonly clock: TestClock
  readonly planned: () => number
  readonly ask: (fields: Record<string, string>, from?: string) => Promise<LightMyRequestResponse>
  readonly post: (url: string, body?: string, type?: string) => Promise<LightMyRequestResponse>
}

async function world(t: TestContext, mail = true): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-subscribe-'))
  const store = openNotifyStore(join(folder, 'subscribers.db'), now)
  const clock = createTestClock(now)
  const failures: unknown[] = []
  const { app } = createPages({ failed: (cause) => failures.push(cause), secure: false })
  let planned = 0
  mountSubscriptions(app, {
    store,
    keys,
    clock,
    mail,
    serviceUrl: 'https://status.example.kr',
    name: '봉수',
    planned: () => planned++,
    addressOf: (request) => String(request.headers['x-test-address'] ?? '203.0.113.5'),
  })
  await app.ready()
  t.after(async () => {
    await app.close()
    store.close()
    rmSync(folder, { recursive: true })
    assert.deepEqual(failures, [])
  })
  const post = (url: string, payload = '', type = 'application/x-www-form-urlencoded', from = '203.0.113.5') =>
    app.inject({ method: 'POST', url, headers: { 'content-type': type, 'x-test-address': from }, payload })
  return {
    app,
    store,
    clock,
    planned: () => planned,
    post,
    ask: (fields, from) => post('/subscribe', new URLSearchParams(fields).toString(), undefined, from),
  }
}

test('[S8] the answer is byte for byte the same for known, unknown, too frequent and deleted addresses', async (t) => {
  const { ask, store } = await world(t)
  const email = 'hana@example.kr'
  const fresh = await ask({ email, language: 'ko' })
  assert.equal(fresh.statusCode, 202)
  const pending = await ask({ email, language: 'ko' })
  store.subscribers.confirm(1, now)
  const known = await ask({ email, language: 'ko' })
  const tooOften = await ask({ email, language: 'ko' })
  const other = await ask({ email: 'duri@example.kr', language: 'ko' })
  for (const answer of [pending, known, tooOften, other]) {
    assert.equal(answer.statusCode, fresh.statusCode)
    assert.equal(answer.body, fresh.body)
    const { date: _date, ...headers } = answer.headers
    const { date: _first, ...first } = fresh.headers
    assert.deepEqual(headers, first)
  }
  assert.doesNotMatch(fresh.body, /hana/)
})

test('[S8] an invalid address is refused and nothing is written', async (t) => {
  const { post, store, planned } = await world(t)
  for (const body of ['email=a%0d%0a@b.kr', 'email=a@b.kr%0d%0aBcc:%20c@d.kr', 'email=', 'e=a@b.kr', ''])
    assert.equal((await post('/subscribe', body)).statusCode, 400, body)
  assert.equal((await post('/subscribe', '{"email":"a@b.kr"}', 'application/json')).statusCode, 400, 'a form is a form')
  assert.deepEqual(store.subscribers.counts(), { confirmed: 0, pending: 0 })
  assert.equal(planned(), 0)
})

test('[S8] opening the link does not confirm, because scanners open it too; the button confirms', async (t) => {
  const { app, ask, post, store, clock } = await world(t)
  await ask({ email: 'hana@example.kr' })
  const url = `/subscribe/confirm?token=${keys.confirmToken(1, now + SUBSCRIBER_BOUNDS.confirmMs)}`
  for (const method of ['GET', 'HEAD'] as const) assert.equal((await app.inject({ method, url })).statusCode, 200)
  assert.equal(store.subscribers.counts().confirmed, 0)
  const { body } = await app.inject({ method: 'GET', url, headers: { 'accept-language': 'en-GB' } })
  const action = /action="([^"]+)"/.exec(body)?.[1]?.replaceAll('&#38;', '&').replaceAll('&#61;', '=')
  assert.equal(action, `${url}&lang=en`)
  assert.equal((await post(action)).statusCode, 200)
  assert.equal(store.subscribers.counts().confirmed, 1)
  assert.equal((await post(action)).statusCode, 200, 'twice is as good as once')
  await clock.pass(SUBSCRIBER_BOUNDS.confirmMs + 1_000)
  assert.equal((await post(action)).statusCode, 404)
})

test('[S8] a forged link, or a link of a deleted person, does nothing', async (t) => {
  const { app, ask, post, store } = await world(t)
  await ask({ email: 'hana@example.kr' })
  const good = keys.confirmToken(1, now + 1_000)
  for (const token of ['', 'x', good.replace(/^1/, '2'), `${good}x`, keys.leaveToken(1), 'x'.repeat(SUBSCRIPTION_BOUNDS.tokenCharsMax + 1)]) {
    assert.equal((await post(`/subscribe/confirm?token=${token}`)).statusCode, 404)
    assert.equal((await app.inject({ method: 'GET', url: `/subscribe/confirm?token=${token}` })).statusCode, 404)
  }
  assert.equal((await post(`/subscribe/confirm?token=${good}&token=${good}`)).statusCode, 404)
  assert.equal(store.subscribers.counts().confirmed, 0)
  store.subscribers.forget(1)
  assert.equal((await post(`/subscribe/confirm?token=${good}`)).statusCode, 404)
})

test('[S8] one POST of a mail program unsubscribes, without cookie, question or redirect (RFC 8058)', async (t) => {
  const { app, ask, post, store } = await world(t)
  for (const email of ['a@example.kr', 'b@example.kr', 'c@example.kr']) await ask({ email })
  for (const id of [1, 2, 3]) store.subscribers.confirm(id, now)
  const url = (id: number): string => `/unsubscribe?token=${keys.leaveToken(id)}`
  assert.equal((await app.inject({ method: 'GET', url: url(1) })).statusCode, 200)
  assert.equal(store.subscribers.counts().confirmed, 3)
  assert.equal((await post(url(1), 'List-Unsubscribe=One-Click')).statusCode, 200)
  const boundary = '--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
  assert.equal((await post(url(2), boundary, 'multipart/form-data; boundary=x')).statusCode, 200)
  assert.equal(store.subscribers.counts().confirmed, 1)
  assert.equal((await post(url(1))).statusCode, 200, 'twice is as good as once')
  const cut = await post('/unsubscribe?token=3.AAAA')
  assert.equal(cut.statusCode, 404)
  // A person who wants to unsubscribe is neither asked to subscribe nor told about the expiry of confirmation links.
  assert.match(cut.body, /메일에 있는 주소를 처음부터 끝까지/)
  assert.doesNotMatch(cut.body, /24시간|신청/)
  assert.match(cut.body, /<a href="\/">지금 상태 보기<\/a>/)
  assert.equal(store.subscribers.counts().confirmed, 1)
})

test('[O1] bounds: ten addresses an hour from one visitor, and a form of 64 KiB', async (t) => {
  const { ask, post, clock } = await world(t)
  for (let number = 0; number < SUBSCRIPTION_BOUNDS.asksMax; number++) assert.equal((await ask({ email: `p${number}@example.kr` })).statusCode, 202)
  const refused = await ask({ email: 'more@example.kr' })
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.headers['retry-after'], '3600')
  assert.equal((await ask({ email: 'other@example.kr' }, '203.0.113.6')).statusCode, 202)
  await clock.pass(SUBSCRIPTION_BOUNDS.askWindowMs)
  assert.equal((await ask({ email: 'more@example.kr' })).statusCode, 202)
  const padded = (length: number): string => `email=hana%40example.kr&x=${'y'.repeat(length - 'email=hana%40example.kr&x='.length)}`
  assert.equal((await post('/subscribe', padded(65_536))).statusCode, 202)
  assert.equal((await post('/subscribe', padded(65_537))).statusCode, 400)
})

test('[S8] the address of the form leads to the page that has it', async (t) => {
  const { app } = await world(t)
  const answer = await app.inject({ method: 'GET', url: '/subscribe?lang=en' })
  assert.deepEqual([answer.statusCode, answer.headers.location], [303, '/en/'])
})

test('[S8] without a mail server nobody can subscribe and everybody can unsubscribe', async (t) => {
  const { app, ask, post, store } = await world(t, false)
  store.subscribers.ask('hana@example.kr', 'ko', now)
  store.subscribers.confirm(1, now)
  assert.equal((await ask({ email: 'duri@example.kr' })).statusCode, 404)
  assert.equal((await app.inject({ method: 'GET', url: '/subscribe' })).statusCode, 404)
  assert.equal((await post(`/unsubscribe?token=${keys.leaveToken(1)}`)).statusCode, 200)
  assert.deepEqual(store.subscribers.counts(), { confirmed: 0, pending: 0 })
})

test('[S8] a full disk is reported, and nothing is half done', async (t) => {
  const { ask, store } = await world(t)
  const subscribers = store.subscribers as { ask: unknown }
  subscribers.ask = () => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
  }
  assert.equal((await ask({ email: 'hana@example.kr' })).statusCode, 503)
})

test('[S8] the pages have no scripts, load nothing from elsewhere and are never cached', async (t) => {
  const { app } = await world(t)
  const page = await app.inject({ method: 'GET', url: `/unsubscribe?token=${keys.leaveToken(1)}&lang=en` })
  assert.equal(page.statusCode, 200)
  assert.match(page.body, /<html lang="en">/)
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none';script-src 'self';style-src 'self'/)
  assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe/)
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal(page.headers['referrer-policy'], 'same-origin')
  assert.doesNotMatch(page.body, /<script|style=|https?:\/\//)
})
