import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'
import { foldIncidents, foldMaintenances } from '../incident/updates.ts'
import { openNotifyStore, type NotifyStore } from '../notify/open-store.ts'
import { subscriberKeys } from '../notify/subscriber-keys.ts'
import { createTestClock, type TestClock } from '../notify/test-clock.ts'
import { exampleSnapshot, NOW } from '../publish/example-snapshots.ts'
import { createPages } from '../publish/pages.ts'
import { RecordUnavailable } from '../record/unavailable.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { mountOperator } from './mount.ts'
import { OPERATOR_BOUNDS, openOperatorStore, type OperatorStore } from './operator-store.ts'
import type { Passwords } from './passwords.ts'

const SERVICE = 'https://status.example.kr'
const password = '봉수대에 불을 올려라, 다섯 번'
const plain: Passwords = { hash: async (text) => `plain ${text}`, matches: async (text, stored) => stored === `plain ${text}` }

/** Statements kept in memory: the record's port. */
function memoryDesk(clock: TestClock): OperatorDesk & { readonly said: (IncidentUpdate | MaintenanceUpdate)[]; full: boolean } {
  const incidents: IncidentUpdate[] = []
  const maintenances: MaintenanceUpdate[] = []
  let ids = 0
  const desk = {
    said: [] as (IncidentUpdate | MaintenanceUpdate)[],
    full: false,
    snapshot: () => ({ ...exampleSnapshot(), pageUrl: SERVICE }),
    incidents: () => foldIncidents(incidents),
    maintenances: () => foldMaintenances(maintenances),
    sayIncident: ((derive) => {
      const update = derive(desk.incidents(), clock.now())
      if ('faults' in update) return update
      if (desk.full) throw new RecordUnavailable('full', 'The disk is full.')
      incidents.push(update)
      desk.said.push(update)
      return { update }
    }) as OperatorDesk['sayIncident'],
    sayMaintenance: ((derive) => {
      const update = derive(desk.maintenances(), clock.now())
      if ('faults' in update) return update
      maintenances.push(update)
      desk.said.push(update)
      return { update }
    }) as OperatorDesk['sayMaintenance'],
    newId: () => `id${++ids}`,
  }
  return desk
}

interface World {
  readonly app: FastifyInstance
  readonly clock: TestClock
  readonly desk: ReturnType<typeof memoryDesk>
  readonly store: OperatorStore
  readonly notify: NotifyStore
  readonly get: (url: string, cookie?: string) => Promise<LightMyRequestResponse>
  readonly post: (
    url: string,
    fields: Record<string, string | readonly string[]>,
    cookie?: string,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>
  /** @returns the cookies and the form token of a signed-in operator. */
  readonly signIn: () => Promise<{ readonly cookie: string; readonly token: string }>
}

async function world(t: TestContext, serviceUrl = SERVICE): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-operator-'))
  const clock = createTestClock(NOW)
  const store = openOperatorStore(join(folder, 'operators.db'), NOW)
  const notify = openNotifyStore(join(folder, 'subscribers.db'), NOW)
  const desk = memoryDesk(clock)
  const failures: unknown[] = []
  const { app } = await createPages({ failed: (cause) => failures.push(cause), secure: false })
  const stop = mountOperator(app, {
    desk,
    store,
    passwords: plain,
    clock,
    webhooks: { store: notify, keys: subscriberKeys(Buffer.alloc(32, 4)), allowPrivate: false },
    health: () => ({ waiting: 0, told: 3, failed: 1, unknown: 0, subscribers: 12, pending: 2, mailFault: null }),
    serviceUrl,
    addressOf: () => '203.0.113.5',
  })
  await app.ready()
  t.after(async () => {
    stop()
    await app.close()
    store.close()
    notify.close()
    rmSync(folder, { recursive: true })
    assert.deepEqual(failures, [])
  })
  const get: World['get'] = (url, cookie = '') => app.inject({ method: 'GET', url, headers: { cookie, 'accept-language': 'ko' } })
  const post: World['post'] = (url, fields, cookie = '', headers = {}) => {
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(fields)) for (const each of typeof value === 'string' ? [value] : value) form.append(name, each)
    const type = { 'content-type': 'application/x-www-form-urlencoded', cookie, 'accept-language': 'ko', ...headers }
    return app.inject({ method: 'POST', url, headers: type, payload: form.toString() })
  }
  return {
    app,
    clock,
    desk,
    store,
    notify,
    get,
    post,
    async signIn() {
      if (store.find('김봉화') === null) await post('/operator/set-up', { link: store.makeLink(null, clock.now()), name: '김봉화', password })
      const answer = await post('/operator/sign-in', { name: '김봉화', password })
      assert.equal(answer.statusCode, 303)
      const cookie = [answer.headers['set-cookie'] ?? []]
        .flat()
        .map((each) => each.split(';')[0])
        .join('; ')
      const page = await get('/operator', cookie)
      assert.equal(page.statusCode, 200)
      return { cookie, token: /name="token" value="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&#61;', '=') ?? '' }
    },
  }
}

const opening = {
  'title-ko': 'PC에서 로그인이 되지 않습니다',
  'title-en': '',
  'body-ko': '■ 사실: 로그인이 되지 않습니다.\r\n■ 원인: 아직 밝혀지지 않았습니다.',
  'hit-sign-in': 'major_outage',
  where: ['pc'],
  impact: '',
  started: '',
  share: '7.8',
  notify: 'yes',
}

test('[S3] no page and no form works without signing in', async (t) => {
  const { get, post, desk } = await world(t)
  for (const url of ['/operator', '/operator/incidents/new', '/operator/incidents/x', '/operator/maintenances/new', '/operator/webhooks']) {
    const answer = await get(url)
    assert.equal(answer.statusCode, 303, url)
    assert.equal(answer.headers.location, '/operator/sign-in')
  }
  for (const url of ['/operator/incidents', '/operator/incidents/x', '/operator/maintenances', '/operator/webhooks', '/operator/webhooks/1/remove'])
    assert.equal((await post(url, opening)).statusCode, 403, url)
  assert.deepEqual(desk.said, [])
})

test('[S3] the session cookie is closed to scripts and other sites, and expires', async (t) => {
  const { post, get, store, clock, signIn } = await world(t)
  await post('/operator/set-up', { link: store.makeLink(null, clock.now()), name: '김봉화', password })
  const answer = await post('/operator/sign-in', { name: '김봉화', password })
  const [session] = [answer.headers['set-cookie'] ?? []].flat()
  assert.match(String(session), /^__Host-bongsu-operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/)
  const { cookie, token } = await signIn()
  await post('/operator/sign-out', { token }, cookie)
  assert.equal((await get('/operator', cookie)).statusCode, 303)
  const again = await signIn()
  clock.set(clock.now() + OPERATOR_BOUNDS.sessionMs)
  assert.equal((await get('/operator', again.cookie)).statusCode, 303)
})

test('[S3] without TLS signing in works only on this machine itself', async (t) => {
  const open = await world(t, 'http://status.example.kr')
  await open.post('/operator/set-up', { link: open.store.makeLink(null, NOW), name: '김봉화', password })
  assert.equal(open.store.anybody(), false)
  assert.equal((await open.post('/operator/sign-in', { name: '김봉화', password })).statusCode, 403)
  const here = await world(t, 'http://localhost:8090')
  await here.post('/operator/set-up', { link: here.store.makeLink(null, NOW), name: '김봉화', password })
  const [session] = [(await here.post('/operator/sign-in', { name: '김봉화', password })).headers['set-cookie'] ?? []].flat()
  assert.match(String(session), /^bongsu-operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
})

test('[S3] a form sent by another site does nothing, with any cookies', async (t) => {
  const { post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ] as Record<string, string>[])
    for (const url of ['/operator/incidents', '/operator/sign-in', '/operator/sign-out'])
      assert.ok([403, 303].includes((await post(url, { ...opening, token }, cookie, headers)).statusCode))
  for (const wrong of ['', 'x', `${token}x`]) assert.equal((await post('/operator/incidents', { ...opening, token: wrong }, cookie)).statusCode, 403)
  assert.deepEqual(desk.said, [])
  assert.equal((await post('/operator/incidents', { ...opening, token }, cookie, { origin: SERVICE })).statusCode, 303, 'and our own does')
})

test('[S3, S5] a person opens, updates, resolves and corrects an incident, each under their own name', async (t) => {
  const { get, post, desk, clock, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const opened = await post('/operator/incidents', { ...opening, token }, cookie)
  assert.equal(opened.headers.location, '/operator/incidents/id1')
  const [first] = desk.said as IncidentUpdate[]
  assert.deepEqual(first?.by, { kind: 'person', name: '김봉화' })
  assert.deepEqual(first.title, { ko: opening['title-ko'], en: opening['title-ko'] })
  assert.equal(first.body.ko, '■ 사실: 로그인이 되지 않습니다.\n■ 원인: 아직 밝혀지지 않았습니다.')
  assert.deepEqual(first.hits, [{ component: 'sign-in', condition: 'major_outage', profiles: ['pc'] }])
  assert.equal(first.share?.value, 0.078)
  assert.equal(first.share.source, 'person')
  await clock.pass(60_000)
  const page = await get('/operator/incidents/id1', cookie)
  assert.match(page.body, /PC에서 로그인이 되지 않습니다/)
  const update = {
    token,
    seen: '1',
    status: 'identified',
    'body-ko': '원인을 찾았습니다.',
    'hit-sign-in': 'partial_outage',
    where: ['pc', 'phone'],
    notify: 'yes',
  }
  assert.equal((await post('/operator/incidents/id1', update, cookie)).statusCode, 303)
  assert.equal((await post('/operator/incidents/id1', { token, seen: '2', status: 'resolved' }, cookie)).statusCode, 303)
  assert.equal(
    (await post('/operator/incidents/id1/correct', { token, seen: '3', 'why-ko': '끝난 시각을 잘못 알렸습니다.', ended: '2026-11-22 11:07' }, cookie))
      .statusCode,
    303,
  )
  const said = desk.said as IncidentUpdate[]
  assert.deepEqual(
    said.map(({ number, status, notify }) => `${number} ${status} ${notify}`),
    ['1 investigating true', '2 identified true', '3 resolved false', '4 resolved false'],
  )
  assert.equal(said[2]?.body.ko, '다시 정상입니다.')
  assert.equal(said[3]?.correction?.ko, '끝난 시각을 잘못 알렸습니다.')
  assert.equal(said[3].endedAt, Date.UTC(2026, 10, 22, 2, 7))
})

test('[S3] a refused form keeps its text and lists all mistakes at once', async (t) => {
  const { post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const answer = await post('/operator/incidents', { ...opening, 'title-ko': '', 'body-ko': '<b>글', started: '언젠가', share: '108', token }, cookie)
  assert.equal(answer.statusCode, 400)
  for (const part of ['빈칸이 있습니다: 제목', '시각을 읽을 수 없습니다: 언젠가', '0에서 100', '&#60;b&#62;글', 'value="언젠가"', 'value="108"'])
    assert.ok(answer.body.includes(part), part)
  assert.doesNotMatch(answer.body, /<b>글/)
  assert.deepEqual(desk.said, [])
})

test('[S5] a writer with an outdated page first sees the newer statements', async (t) => {
  const { post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  await post('/operator/incidents', { ...opening, token }, cookie)
  const update = { token, seen: '1', status: 'identified', 'body-ko': '첫째 글' }
  await post('/operator/incidents/id1', update, cookie)
  const late = await post('/operator/incidents/id1', { ...update, 'body-ko': '둘째 글' }, cookie)
  assert.equal(late.statusCode, 400)
  assert.match(late.body, /그사이 다른 말이 더해졌습니다/)
  assert.match(late.body, /첫째 글/)
  assert.match(late.body, /둘째 글/)
  assert.equal(desk.said.length, 2)
})

test('[S3] a full disk is reported, and nothing is published', async (t) => {
  const { post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  desk.full = true
  const answer = await post('/operator/incidents', { ...opening, token }, cookie)
  assert.equal(answer.statusCode, 503)
  assert.match(answer.body, /아무것도 알려지지 않았습니다/)
})

test('[S3] maintenance is announced, started and ended in the time zone of the page', async (t) => {
  const { get, post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const plan = {
    token,
    'title-ko': '데이터베이스 교체',
    'body-ko': '1분쯤 멈춥니다.',
    component: ['messaging'],
    from: '2026-11-25 03:00',
    until: '2026-11-25 04:30',
    notify: 'yes',
  }
  assert.equal((await post('/operator/maintenances', { ...plan, until: '2026-11-25 02:00', component: [] }, cookie)).statusCode, 400)
  assert.equal((await post('/operator/maintenances', plan, cookie)).statusCode, 303)
  const [first] = desk.said as MaintenanceUpdate[]
  assert.equal(first?.scheduledFor, Date.UTC(2026, 10, 24, 18, 0))
  assert.equal((await get('/operator/maintenances/id1', cookie)).statusCode, 200)
  assert.equal((await post('/operator/maintenances/id1', { token, seen: '1', status: 'in_progress' }, cookie)).statusCode, 303)
  assert.equal((await post('/operator/maintenances/id1', { token, seen: '2', status: 'completed', notify: 'yes' }, cookie)).statusCode, 303)
  assert.deepEqual(
    (desk.said as MaintenanceUpdate[]).map(({ status, notify }) => `${status} ${notify}`),
    ['scheduled true', 'in_progress false', 'completed true'],
  )
  assert.equal((await get('/operator/maintenances/none', cookie)).statusCode, 404)
})

test('[S8] the secret of a webhook is shown once; private targets are refused', async (t) => {
  const { get, post, notify, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const added = await post('/operator/webhooks', { token, url: 'https://hooks.example.kr/in' }, cookie)
  assert.equal(added.statusCode, 200)
  const secret = /whsec_[\w-]{32}/.exec(added.body)?.[0] ?? ''
  assert.equal(secret, subscriberKeys(Buffer.alloc(32, 4)).webhookSecret(1))
  const page = await get('/operator/webhooks', cookie)
  assert.match(page.body, /hooks\.example\.kr/)
  assert.equal(page.body.includes(secret), false)
  for (const url of ['https://127.0.0.1/', 'http://hooks.example.kr/', 'https://hooks.example.kr/in', 'nothing'])
    assert.equal((await post('/operator/webhooks', { token, url }, cookie)).statusCode, 400, url)
  notify.webhooks.failed(1, 'status:500', true, NOW)
  assert.match((await get('/operator/webhooks', cookie)).body, /500로 답했습니다/)
  assert.equal((await post('/operator/webhooks/1/remove', { token }, cookie)).statusCode, 303)
  assert.deepEqual(notify.webhooks.list(), [])
})

test('[S3] the pages have no scripts, load nothing from elsewhere, and exist in both languages', async (t) => {
  const { get, post, signIn } = await world(t)
  const { cookie, token } = await signIn()
  await post('/operator/incidents', { ...opening, token }, cookie)
  for (const url of [
    '/operator',
    '/operator/incidents/new',
    '/operator/incidents/id1',
    '/operator/maintenances/new',
    '/operator/webhooks',
    '/operator/sign-in',
  ]) {
    for (const language of ['ko', 'en']) {
      const page = await get(`${url}?lang=${language}`, cookie)
      assert.equal(page.statusCode, 200)
      assert.match(page.body, new RegExp(`<html lang="${language}">`))
      assert.doesNotMatch(page.body, /<script|style=|undefined|\[object/)
      assert.doesNotMatch(String(page.headers['content-security-policy']), /script|unsafe/)
      assert.equal(page.headers['cache-control'], 'no-store')
    }
  }
})
