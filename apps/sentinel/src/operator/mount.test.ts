import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Incident, IncidentUpdate, MaintenanceUpdate } from '../vocabulary/incident.ts'
import { foldIncidents, foldMaintenances, nextUpdate, openIncident, type Change } from '../incident/updates.ts'
import { openNotifyStore, type NotifyStore } from '../notify/open-store.ts'
import { subscriberKeys } from '../notify/subscriber-keys.ts'
import { createTestClock, type TestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { exampleSnapshot, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { createPages } from '../publish/pages.ts'
import { RecordUnavailable } from '../record/unavailable.ts'
import { idOf, type ActDesk } from '../acts/desk.ts'
import { mountOperator } from './mount.ts'
import { OPERATOR_BOUNDS, openOperatorStore, type OperatorStore } from './operator-store.ts'
import type { Passwords } from './passwords.ts'
import { PENDING_BOUNDS } from './pending.ts'

const SERVICE = 'https://status.example.kr'
const password = '봉수대에 불을 올려라, 다섯 번'
const plain: Passwords = { hash: async (text) => `plain ${text}`, matches: async (text, stored) => stored === `plain ${text}` }

/** Statements kept in memory: the record's port. */
function memoryDesk(clock: TestClock): ActDesk & { readonly said: (IncidentUpdate | MaintenanceUpdate)[]; full: boolean } {
  const incidents: IncidentUpdate[] = []
  const maintenances: MaintenanceUpdate[] = []
  let ids = 0
  const desk: ReturnType<typeof memoryDesk> = {
    said: [],
    full: false,
    things: (area) => (area === 'incident' ? foldIncidents(incidents) : foldMaintenances(maintenances)),
    say(area, derive) {
      const update = derive(desk.things(area), clock.now())
      if ('faults' in update) return update
      if (desk.full) throw new RecordUnavailable('full', 'The disk is full.')
      if ('incidentId' in update) incidents.push(update)
      else maintenances.push(update)
      desk.said.push(update)
      return { update }
    },
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
  const { app } = createPages({ failed: (cause) => failures.push(cause), secure: false })
  const stop = mountOperator(app, {
    desk,
    snapshot: () => ({ ...exampleSnapshot(), pageUrl: SERVICE }),
    store,
    passwords: plain,
    clock,
    webhooks: { store: notify, keys: subscriberKeys(Buffer.alloc(32, 4)), allowPrivate: false },
    health: () => ({
      waiting: 0,
      told: 3,
      failed: 1,
      unknown: 0,
      subscribers: 12,
      pending: 2,
      mailFault: null,
      failingWebhooks: notify.webhooks.list().filter(({ note }) => note !== null).length,
    }),
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
      if (store.find('김봉화') === null)
        await post('/operator/set-up', { link: store.makeLink(null, 'speaker', clock.now()), name: '김봉화', password })
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
  component: ['messaging=operational', 'sign-in=major_outage:pc', 'web=operational'],
  impact: '',
  started: '',
  share: '7.8%',
  notify: ['yes', 'no'],
}

test('[S3] no page and no form works without signing in', async (t) => {
  const { get, post, desk } = await world(t)
  for (const url of ['/operator', '/operator/incidents/open', '/operator/incidents/x', '/operator/maintenances/schedule', '/operator/webhooks']) {
    const answer = await get(url)
    assert.equal(answer.statusCode, 303, url)
    assert.equal(answer.headers.location, '/operator/sign-in')
  }
  for (const url of [
    '/operator/incidents/open',
    '/operator/incidents/x/update',
    '/operator/maintenances/schedule',
    '/operator/webhooks',
    '/operator/webhooks/1/remove',
  ])
    assert.equal((await post(url, opening)).statusCode, 403, url)
  assert.deepEqual(desk.said, [])
})

test('[S3] the session cookie is closed to scripts and other sites, and expires', async (t) => {
  const { post, get, store, clock, signIn } = await world(t)
  await post('/operator/set-up', { link: store.makeLink(null, 'speaker', clock.now()), name: '김봉화', password })
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
  await open.post('/operator/set-up', { link: open.store.makeLink(null, 'speaker', NOW), name: '김봉화', password })
  assert.deepEqual(open.store.list(), [])
  assert.equal((await open.post('/operator/sign-in', { name: '김봉화', password })).statusCode, 403)
  const here = await world(t, 'http://localhost:8090')
  await here.post('/operator/set-up', { link: here.store.makeLink(null, 'speaker', NOW), name: '김봉화', password })
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
    for (const url of ['/operator/incidents/open', '/operator/sign-in', '/operator/sign-out'])
      assert.ok([403, 303].includes((await post(url, { ...opening, token }, cookie, headers)).statusCode))
  for (const wrong of ['', 'x', `${token}x`])
    assert.equal((await post('/operator/incidents/open', { ...opening, token: wrong }, cookie)).statusCode, 403)
  assert.deepEqual(desk.said, [])
  assert.equal((await post('/operator/incidents/open', { ...opening, token }, cookie, { origin: SERVICE })).statusCode, 303, 'and our own does')
})

/** Sends a form and lets the time to take it back pass. */
async function send({ post, clock }: World, url: string, fields: Parameters<World['post']>[1], cookie: string): Promise<LightMyRequestResponse> {
  const answer = await post(url, fields, cookie)
  await clock.pass(PENDING_BOUNDS.takeBackMs)
  return answer
}

test('[S3, S5] a person opens, updates, resolves and corrects an incident, each under their own name', async (t) => {
  const it = await world(t)
  const { get, desk, clock, signIn } = it
  const { cookie, token } = await signIn()
  const opened = await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  assert.match(String(opened.headers.location), /^\/operator\/pending\/id\d+$/)
  const [first] = desk.said as IncidentUpdate[]
  const id = first?.incidentId ?? ''
  assert.deepEqual(first?.by, { kind: 'person', name: '김봉화' })
  assert.deepEqual(first.title, { ko: opening['title-ko'], en: opening['title-ko'] })
  assert.equal(first.body.ko, '■ 사실: 로그인이 되지 않습니다.\n■ 원인: 아직 밝혀지지 않았습니다.')
  assert.deepEqual(first.hits, [{ component: 'sign-in', condition: 'major_outage', profiles: ['pc'] }])
  assert.equal(first.share?.value, 0.078)
  assert.equal(first.share.source, 'person')
  await clock.pass(60_000)
  const page = await get(`/operator/incidents/${id}`, cookie)
  assert.match(page.body, /PC에서 로그인이 되지 않습니다/)
  const component = ['messaging=operational', 'sign-in=partial_outage', 'web=operational']
  const update = { token, seen: '1', status: 'identified', 'body-ko': '원인을 찾았습니다.', component, notify: ['yes', 'no'] }
  assert.equal((await send(it, `/operator/incidents/${id}/update`, update, cookie)).statusCode, 303)
  assert.equal((await send(it, `/operator/incidents/${id}/resolve`, { token, seen: '2', ended: 'now', notify: 'no' }, cookie)).statusCode, 303)
  const fix = { token, seen: '3', 'why-ko': '끝난 시각을 잘못 알렸습니다.', ended: '2026-11-22 11:07' }
  assert.equal((await send(it, `/operator/incidents/${id}/correct`, fix, cookie)).statusCode, 303)
  const said = desk.said as IncidentUpdate[]
  assert.deepEqual(
    said.map(({ number, status, notify }) => `${number} ${status} ${notify}`),
    ['1 investigating true', '2 identified true', '3 resolved false', '4 resolved false'],
  )
  assert.deepEqual(said[1]?.hits, [{ component: 'sign-in', condition: 'partial_outage', profiles: ['pc', 'phone'] }])
  assert.match(said[2]?.body.ko ?? '', /다시 정상입니다/)
  assert.equal(said[3]?.correction?.ko, '끝난 시각을 잘못 알렸습니다.')
  assert.equal(said[3].endedAt, Date.UTC(2026, 10, 22, 2, 7))
})

test('[S13] a statement can be taken back for ten seconds, and is written after that and not before', async (t) => {
  const it = await world(t)
  const { get, post, desk, clock, signIn } = it
  const { cookie, token } = await signIn()
  const { headers } = await post('/operator/incidents/open', { ...opening, token }, cookie)
  const pending = String(headers.location)
  const page = await get(pending, cookie)
  assert.match(page.body, /10초 뒤에 나갑니다/)
  assert.match(page.body, /PC에서 로그인이 되지 않습니다/)
  assert.match(String(page.headers.refresh), /^11; url=\/operator\/pending\/id\d+\?of=id\d+$/)
  await clock.pass(PENDING_BOUNDS.takeBackMs - 1)
  assert.deepEqual(desk.said, [])
  const back = await post(`${pending}/back`, { token }, cookie)
  assert.match(back.body, /value="PC에서 로그인이 되지 않습니다"/)
  await clock.pass(60_000)
  assert.deepEqual(desk.said, [])
  await post('/operator/incidents/open', { ...opening, token }, cookie)
  await clock.pass(PENDING_BOUNDS.takeBackMs)
  assert.equal(desk.said.length, 1)
  assert.equal((await post(`${pending}/back`, { token }, cookie)).headers.location, '/operator', 'what has gone out cannot be taken back')
})

test('[S13] the page that waits leads on when the statement went out, and says when it did not', async (t) => {
  const it = await world(t)
  const { get, post, desk, clock, signIn } = it
  const { cookie, token } = await signIn()
  await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  const id = idOf(desk.things('incident')[0]!)
  const wait = async (body: string): Promise<string> => {
    const fields = { token, seen: String(desk.things('incident')[0]?.updates.length), 'body-ko': body, 'body-en': body }
    const page = await get(String((await post(`/operator/incidents/${id}/update`, fields, cookie)).headers.location), cookie)
    return /url=(.*)$/.exec(String(page.headers.refresh))?.[1] ?? ''
  }
  const auto = (change: Partial<Change>): void => {
    desk.say('incident', ([incident], at) =>
      incident === undefined
        ? { faults: [] }
        : nextUpdate(incident as Incident, { body: { ko: '다시 잼', en: 'Measured again' }, ...change }, { kind: 'auto' }, at),
    )
  }
  const quiet = await wait('첫째')
  auto({})
  await clock.pass(PENDING_BOUNDS.takeBackMs)
  assert.equal((await get(quiet, cookie)).headers.location, `/operator/incidents/${id}`, 'a new figure is no conflict')
  assert.equal(desk.things('incident')[0]?.updates.at(-1)?.body.ko, '첫째')
  const refused = await wait('둘째')
  auto({ status: 'identified' })
  await clock.pass(PENDING_BOUNDS.takeBackMs)
  const page = await get(refused, cookie)
  assert.match(page.body, /나가지 못했습니다/)
  assert.match(page.body, /그사이 다른 말이 더해졌습니다/)
  assert.equal(page.headers.refresh, undefined)
})

test('[S13] a statement is shown as it will be, before it is decided on', async (t) => {
  const it = await world(t)
  const { post, desk, clock, signIn } = it
  const { cookie, token } = await signIn()
  const shown = await post('/operator/incidents/open', { ...opening, token, preview: 'yes' }, cookie)
  assert.equal(shown.statusCode, 200)
  assert.match(shown.body, /class="card paper"/)
  await clock.pass(60_000)
  assert.deepEqual(desk.said, [])
})

test('[S13] resolving takes one tap for the text and one to send: times come from the evidence', async (t) => {
  const it = await world(t)
  const { get, desk, signIn } = it
  const { cookie, token } = await signIn()
  await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  const id = (desk.said as IncidentUpdate[])[0]?.incidentId ?? ''
  const page = await get(`/operator/incidents/${id}/resolve`, cookie)
  const form = new URLSearchParams()
  for (const [, name = '', value = ''] of page.body.matchAll(/<input type="(?:hidden)" name="([^"]+)" value="([^"]*)"/g)) form.append(name, value)
  const [, ended = ''] = /name="ended" value="([^"]+)" checked/.exec(page.body) ?? []
  assert.notEqual(ended, '')
  assert.match(page.body, /<textarea[^>]*>\n문제가 해결되어 다시 정상입니다/)
  assert.equal((await send(it, `/operator/incidents/${id}/resolve`, { token, seen: form.get('seen') ?? '', ended }, cookie)).statusCode, 303)
  assert.equal((desk.said as IncidentUpdate[])[1]?.status, 'resolved')
})

test('[S3] a refused form keeps its text and lists all mistakes at once', async (t) => {
  const { post, desk, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const answer = await post(
    '/operator/incidents/open',
    { ...opening, 'title-ko': '', 'body-ko': '<b>글', started: '언젠가', share: '108', token },
    cookie,
  )
  assert.equal(answer.statusCode, 400)
  for (const part of ['빈칸이 있습니다: 제목', '시각을 읽을 수 없습니다: 언젠가', '0에서 100', '&#60;b&#62;글', 'value="108"'])
    assert.ok(answer.body.includes(part), part)
  assert.doesNotMatch(answer.body, /<b>글/)
  assert.deepEqual(desk.said, [])
})

test('[S5] a writer with an outdated page first sees the newer statements', async (t) => {
  const it = await world(t)
  const { post, get, desk, signIn } = it
  const { cookie, token } = await signIn()
  await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  const url = `/operator/incidents/${(desk.said as IncidentUpdate[])[0]?.incidentId}`
  const update = { token, seen: '1', status: 'identified', 'body-ko': '첫째 글' }
  // Two people decide within the same ten seconds: the first statement goes out, and the second comes back to its writer.
  await post(`${url}/update`, update, cookie)
  const second = await send(it, `${url}/update`, { ...update, 'body-ko': '둘째 글' }, cookie)
  assert.equal(desk.said.length, 2)
  const kept = await get(String(second.headers.location), cookie)
  assert.match(kept.body, /나가지 못했습니다/)
  assert.match(kept.body, /둘째 글/)
  assert.match((await get('/operator', cookie)).body, /나가지 못했습니다/)
  const late = await post(`${url}/update`, { ...update, 'body-ko': '셋째 글' }, cookie)
  assert.equal(late.statusCode, 400)
  assert.match(late.body, /그사이 다른 말이 더해졌습니다/)
  assert.match(late.body, /셋째 글/)
})

test('[S13, S8] a text beside a state that no person may state leaves that state as it is, also after a preview', async (t) => {
  const it = await world(t)
  const { get, post, desk, signIn } = it
  const { cookie, token } = await signIn()
  const hits = [{ component: 'sign-in', condition: 'unknown', profiles: ['pc', 'phone'] }] as const
  const text = { ko: '관측이 닿지 않습니다.', en: 'We cannot observe.' }
  const opened = { id: 'blind', title: text, body: text, hits, impact: 'minor', startedAt: NOW, detectedAt: NOW } as const
  desk.say('incident', () => openIncident(opened, { kind: 'auto' }, NOW))
  const url = '/operator/incidents/blind/update'
  // As a browser does: without a selected option the first one is sent.
  const chosen = (page: string): readonly string[] =>
    [...page.matchAll(/<select[^>]*name="component"[^>]*>([^]*?)<\/select>/g)].map(([, inner = '']) => {
      const options = [...inner.matchAll(/<option value="([^"]+)"\s*(selected)?/g)]
      return ((options.find(([, , selected]) => selected !== undefined) ?? options[0])?.[1] ?? '').replaceAll('&#61;', '=')
    })
  const fields = { token, seen: '1', status: 'investigating', 'body-ko': '확인하고 있습니다.', notify: 'yes' }
  const page = (await get(url, cookie)).body
  assert.match(page, /그대로<\/option>/)
  const shown = await post(url, { ...fields, component: chosen(page), preview: 'yes' }, cookie)
  assert.equal(chosen(shown.body).length, 3)
  await send(it, url, { ...fields, component: chosen(shown.body) }, cookie)
  assert.deepEqual((desk.said as IncidentUpdate[])[1]?.hits, hits)
})

test('[S3] on a full disk a statement is not lost: its writer is told, and has it back', async (t) => {
  const it = await world(t)
  const { get, post, desk, signIn } = it
  const { cookie, token } = await signIn()
  desk.full = true
  const answer = await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  assert.match((await get(String(answer.headers.location), cookie)).body, /디스크에 쓸 수 없어/)
  const back = await post(`${answer.headers.location}/back`, { token }, cookie)
  assert.match(back.body, /value="PC에서 로그인이 되지 않습니다"/)
  assert.deepEqual(desk.said, [])
})

test('[S3] maintenance is announced, started and ended in the time zone of the page', async (t) => {
  const it = await world(t)
  const { get, post, desk, signIn } = it
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
  const url = '/operator/maintenances'
  assert.equal((await post(`${url}/schedule`, { ...plan, until: '2026-11-25 02:00', component: [] }, cookie)).statusCode, 400)
  assert.equal((await send(it, `${url}/schedule`, plan, cookie)).statusCode, 303)
  const [first] = desk.said as MaintenanceUpdate[]
  assert.equal(first?.scheduledFor, Date.UTC(2026, 10, 24, 18, 0))
  const id = first.maintenanceId
  assert.equal((await get(`${url}/${id}`, cookie)).statusCode, 200)
  assert.equal((await send(it, `${url}/${id}/start`, { token, seen: '1', notify: 'no' }, cookie)).statusCode, 303)
  assert.equal((await send(it, `${url}/${id}/complete`, { token, seen: '2', notify: ['yes', 'no'] }, cookie)).statusCode, 303)
  assert.deepEqual(
    (desk.said as MaintenanceUpdate[]).map(({ status, notify }) => `${status} ${notify}`),
    ['scheduled true', 'in_progress false', 'completed true'],
  )
  assert.equal((await get(`${url}/none`, cookie)).statusCode, 404)
})

test('[S12] keepers add, change and remove operators on the page; for speakers these routes do not exist', async (t) => {
  const { get, post, store, signIn, clock } = await world(t)
  const { cookie, token } = await signIn()
  const made = await post('/operator/people', { token, name: '', role: 'speaker' }, cookie)
  const link = /set-up\?link(?:=|&#61;)([\w-]{43})/.exec(made.body)?.[1] ?? ''
  assert.equal(store.useLink(link, '이수리', `plain ${password}`, clock.now()), 'done')
  const signed = await post('/operator/sign-in', { name: '이수리', password })
  const speaker = [signed.headers['set-cookie'] ?? []]
    .flat()
    .map((each) => each.split(';')[0])
    .join('; ')
  const page = await get('/operator/people', speaker)
  assert.match(page.body, /김봉화/)
  assert.doesNotMatch(page.body, /people\/.*\/remove/)
  const own = /name="token" value="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&#61;', '=') ?? ''
  for (const url of [
    '/operator/people',
    `/operator/people/${encodeURIComponent('김봉화')}/remove`,
    '/operator/webhooks',
    '/operator/webhooks/1/remove',
  ])
    assert.equal((await post(url, { token: own }, speaker)).statusCode, 404, url)
  assert.equal((await post(`/operator/people/${encodeURIComponent('김봉화')}/remove`, { token }, cookie)).statusCode, 400, 'one keeper stays')
  const his = `/operator/people/${encodeURIComponent('이수리')}`
  assert.equal((await post(`${his}/keeper`, { token }, cookie)).statusCode, 303)
  assert.equal(store.find('이수리')?.role, 'keeper')
  assert.match((await get(`${his}/remove`, cookie)).body, /알린 글은 남습니다/)
  assert.equal((await post(`${his}/remove`, { token }, cookie)).statusCode, 303)
  assert.equal((await get('/operator', speaker)).statusCode, 303, 'signed out at once')
})

test('[S8] the secret of a webhook is shown once; private targets are refused', async (t) => {
  const { get, post, notify, signIn } = await world(t)
  const { cookie, token } = await signIn()
  const added = await post('/operator/webhooks', { token, url: 'https://hooks.example.kr/in' }, cookie)
  assert.equal(added.statusCode, 200)
  const secret = /whsec_[\w+/-]{32}/.exec(added.body)?.[0] ?? ''
  assert.equal(secret, subscriberKeys(Buffer.alloc(32, 4)).webhookSecret(1))
  const page = await get('/operator/webhooks', cookie)
  assert.match(page.body, /hooks\.example\.kr/)
  assert.equal(page.body.includes(secret), false)
  for (const url of ['https://127.0.0.1/', 'http://hooks.example.kr/', 'https://hooks.example.kr/in', 'nothing'])
    assert.equal((await post('/operator/webhooks', { token, url }, cookie)).statusCode, 400, url)
  notify.webhooks.failed(1, 'status:500', true, NOW)
  assert.match((await get('/operator/webhooks', cookie)).body, /500로 답했습니다/)
  assert.match((await get('/operator', cookie)).body, /실패하고 있는 웹훅 1개/)
  notify.webhooks.failed(1, 'not-https', true, NOW)
  assert.match((await get('/operator/webhooks', cookie)).body, /<b>https 주소만 쓸 수 있습니다/)
  assert.match((await get('/operator/webhooks/1/remove', cookie)).body, /더는 보내지 않습니다/)
  assert.equal(notify.webhooks.list().length, 1, 'asked first')
  assert.equal((await post('/operator/webhooks/1/remove', { token }, cookie)).statusCode, 303)
  assert.deepEqual(notify.webhooks.list(), [])
})

test('[S3] the pages load nothing from elsewhere, have no script but for passkeys, and exist in both languages', async (t) => {
  const it = await world(t)
  const { get, desk, signIn } = it
  const { cookie, token } = await signIn()
  await send(it, '/operator/incidents/open', { ...opening, token }, cookie)
  const incident = `/operator/incidents/${(desk.said as IncidentUpdate[])[0]?.incidentId}`
  for (const url of [
    '/operator',
    '/operator/incidents/open',
    incident,
    `${incident}/resolve`,
    `${incident}/correct`,
    '/operator/maintenances/schedule',
    '/operator/webhooks',
    '/operator/people',
    '/operator/sign-in',
  ]) {
    for (const language of ['ko', 'en']) {
      const page = await get(`${url}?lang=${language}`, cookie)
      assert.equal(page.statusCode, 200, url)
      assert.match(page.body, new RegExp(`<html lang="${language}">`))
      assert.doesNotMatch(page.body.replaceAll('<script src="/operator/passkey.js" defer></script>', ''), /<script|style=|undefined|\[object/)
      assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe/)
      assert.equal(page.headers['cache-control'], 'no-store')
    }
  }
})
