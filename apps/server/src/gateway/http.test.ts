import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LIMITS, type ConversationId, type RouteName } from '@bongsu/protocol'
import { ROUTES, type Route } from '@bongsu/protocol/schemas'
import { PASSWORD, startTestServer, type Asking, type TestServer } from '../../../../tests/worlds/running-server.ts'
import { until } from '../../../../tests/worlds/settle.ts'
import { createTokens } from '../accounts/tokens.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { createHttp, type HttpOptions } from './http.ts'
import { fileKeys } from '../store/file-keys.ts'
import { loadSentinelKey } from './sentinel-key.ts'
import type { HttpParts } from './http-handlers.ts'

const unknown = randomUUID()

/** HTTP without a server behind it. Nobody is signed in there, so the only handler reached is that of `server`, which needs these three parts. */
const BARE: HttpOptions = {
  parts: { name: '봉수', registration: 'invite', statusUrl: null } as unknown as HttpParts,
  tokens: createTokens(new Uint8Array(32), { now: () => Date.now() }),
  isSignedIn: () => true,
  isSuspended: () => false,
  hasSentinelKey: () => false,
  addressOf: () => '192.0.2.1',
  clock: systemClock,
  isProxy: () => false,
  connectionsMax: 100,
  limits: createMemoryLimits(systemClock),
  processes: () => 1,
  requestsPerMinute: 100,
  openRequestsPerMinute: 100,
  overload: { sheds: () => false },
  counted() {},
  failed: (cause) => assert.fail(String(cause)),
}

/** A valid request for each route, when sent by the right person. */
function requestOf(name: RouteName, ids: { accountId: string; conversationId: string; deviceId: string; inviteId: string }): Asking {
  const requests: Partial<Record<RouteName, Asking>> = {
    revokeDevice: { params: ids },
    changeProfile: { body: { displayName: '새 이름' } },
    changePassword: { body: { current: PASSWORD, next: 'another long one' } },
    lookUpHandle: { body: { handle: 'member' } },
    lookUpPeople: { body: { accountIds: [ids.accountId] } },
    addFriend: { params: ids },
    removeFriend: { params: ids },
    openDirect: { params: ids },
    createGroup: { body: { id: randomUUID(), title: '', accounts: [ids.accountId] } },
    readHistory: { params: ids },
    listMembers: { params: ids },
    createInvite: { body: { validMs: 60_000, uses: 1 } },
    revokeInvite: { params: ids },
    lookUpForStaff: { body: { handle: 'member' } },
    setRole: { params: ids, body: { role: 'member', was: 'member', reason: '까닭' } },
    suspend: { params: ids, body: { suspensionId: unknown, forMs: null, reason: '까닭', appeal: '' } },
    liftSuspension: { params: ids, body: { suspensionId: unknown, reason: '까닭' } },
    warn: { params: { ...ids, noticeId: unknown }, body: { text: '경고' } },
    putAwayNotice: { params: { noticeId: unknown } },
    reportOutages: { body: { outages: [{ id: unknown, agoMs: 0, lastedMs: 6_000, part: 'connection', unsent: 0 }] } },
    readReports: { query: '?from=0&to=1' },
    inviteCanaries: { body: { count: 1 } },
  }
  return requests[name] ?? {}
}

const closedRoutes = (Object.entries(ROUTES) as [RouteName, Route][]).filter(([, route]) => route.open !== true).map(([name]) => name)

async function group(server: TestServer, token: string, accounts: readonly string[]): Promise<ConversationId> {
  const made = await server.ask('createGroup', { token, body: { id: randomUUID(), title: '', accounts } })
  assert.equal(made.status, 200)
  return (made.body as { conversationId: ConversationId }).conversationId
}

test('[W4] every route without a valid token answers 401 and nothing else', async (t) => {
  const server = await startTestServer(t)
  const [member, gone] = [await server.person('member'), await server.person('gone')]
  const foreign = await createTokens(new Uint8Array(32).fill(1), { now: () => Date.now() }).issue(member.accountId, member.deviceId, Date.now())
  assert.equal((await server.ask('signOut', { token: gone.token })).status, 200)
  const conversationId = await group(server, member.token, [gone.accountId])
  const ids = { accountId: member.accountId, conversationId, deviceId: member.deviceId, inviteId: unknown }
  assert.ok(closedRoutes.length > 12)
  for (const name of closedRoutes) {
    for (const [kind, token] of Object.entries({
      none: undefined,
      empty: '',
      forged: `${member.token.slice(0, -4)}AAAA`,
      foreign,
      revoked: gone.token,
    })) {
      const answered = await server.ask(name, { ...requestOf(name, ids), token })
      assert.equal(answered.status, 401, `${name} with ${kind}`)
      assert.deepEqual(answered.body, { code: 'unauthenticated' }, `${name} with ${kind}`)
      assert.equal(answered.headers.get('cache-control'), 'no-store')
    }
  }
  for (const authorization of [
    member.token,
    `bearer ${member.token}`,
    `Basic ${member.token}`,
    `Bearer ${member.token} x`,
    `Bearer  ${member.token}`,
  ]) {
    assert.equal((await server.ask('listDevices', { headers: { authorization } })).status, 401)
  }
  assert.equal((await server.raw(`/v1/devices?token=${member.token}`)).status, 401, 'a token in an address is none')
})

test('[W4] things of others get exactly the same answer as things that do not exist', async (t) => {
  const server = await startTestServer(t)
  const [member, other, stranger] = [await server.person('member'), await server.person('other'), await server.person('stranger')]
  const conversationId = await group(server, member.token, [other.accountId])
  const invite = (await server.ask('createInvite', { token: other.token, body: { validMs: 60_000, uses: 1 } })).body as { inviteId: string }
  for (const [name, params, status, code] of [
    ['readHistory', { conversationId }, 404, 'not-a-member'],
    ['listMembers', { conversationId }, 404, 'not-a-member'],
    ['revokeDevice', { deviceId: member.deviceId }, 404, 'not-found'],
    ['revokeInvite', { inviteId: invite.inviteId }, 404, 'not-found'],
  ] as const) {
    const foreign = await server.ask(name, { token: stranger.token, params })
    const none = await server.ask(name, { token: stranger.token, params: Object.fromEntries(Object.keys(params).map((key) => [key, unknown])) })
    assert.deepEqual([foreign.status, foreign.body], [status, { code }], name)
    assert.equal(none.text, foreign.text, name)
  }
  assert.deepEqual((await server.ask('lookUpPeople', { token: stranger.token, body: { accountIds: [other.accountId, unknown] } })).body, {
    people: [],
  })
  assert.deepEqual((await server.ask('listInvites', { token: stranger.token })).body, { invites: [] })
  assert.equal((await server.ask('listInvites', { token: member.token })).body.invites.length, 1, 'the administrator sees it')
  assert.equal((await server.ask('listDevices', { token: member.token })).status, 200, 'and nobody was signed out')
})

test('[W4] history and members are shown from the joining on, in pages, and not after leaving', async (t) => {
  const server = await startTestServer(t)
  const [member, late] = [await server.person('member'), await server.person('late')]
  const conversationId = await group(server, member.token, [])
  const live = await server.connect(member.token)
  const accepted = async (body: object): Promise<void> => {
    const before = live.frames.filter((frame) => frame.t === 'accepted').length
    live.say(JSON.stringify({ t: 'send', id: randomUUID(), conversationId, body }))
    while (live.frames.filter((frame) => frame.t === 'accepted').length === before) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  for (const text of ['하나', '둘', '셋']) await accepted({ kind: 'text', text })
  await accepted({ kind: 'invited', accounts: [late.accountId] })
  await accepted({ kind: 'text', text: '넷' })
  const seqs = async (token: string, query = ''): Promise<number[]> =>
    (await server.ask('readHistory', { token, params: { conversationId }, query })).body.entries.map((entry: { seq: number }) => entry.seq)
  assert.deepEqual(await seqs(member.token), [1, 2, 3, 4, 5, 6])
  assert.deepEqual(await seqs(late.token), [5, 6])
  assert.deepEqual(await seqs(late.token, '?before=6'), [5])
  assert.deepEqual(await seqs(late.token, '?before=5'), [])
  assert.deepEqual(await seqs(member.token, '?before=5&limit=2'), [3, 4])
  assert.deepEqual(await seqs(member.token, '?before=1'), [])
  const first = await server.ask('listMembers', { token: late.token, params: { conversationId }, query: '?limit=1' })
  const [one] = first.body.people
  const second = await server.ask('listMembers', { token: late.token, params: { conversationId }, query: `?limit=1&after=${one.accountId}` })
  assert.deepEqual([first.body.more, second.body.more], [true, false])
  assert.deepEqual(new Set([one.accountId, second.body.people[0].accountId]), new Set([member.accountId, late.accountId]))
  await accepted({ kind: 'left' })
  assert.equal((await server.ask('readHistory', { token: member.token, params: { conversationId } })).status, 404)
  assert.equal((await server.ask('listMembers', { token: member.token, params: { conversationId } })).status, 404)
})

test('[R7] a member can see who has read an entry and who has yet to, never its author, and nothing from before the joining', async (t) => {
  const server = await startTestServer(t)
  const [author, reader, slow, late] = [
    await server.person('author'),
    await server.person('reader'),
    await server.person('slow'),
    await server.person('late'),
  ]
  const conversationId = await group(server, author.token, [reader.accountId, slow.accountId])
  const writing = await server.connect(author.token)
  const accepted = async (body: object): Promise<void> => {
    const before = writing.frames.filter((frame) => frame.t === 'accepted').length
    writing.say(JSON.stringify({ t: 'send', id: randomUUID(), conversationId, body }))
    while (writing.frames.filter((frame) => frame.t === 'accepted').length === before) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await accepted({ kind: 'text', text: '하나' })
  await accepted({ kind: 'text', text: '둘' })
  await accepted({ kind: 'invited', accounts: [late.accountId] })
  await accepted({ kind: 'text', text: '넷' })
  const who = async (token: string, query: string): Promise<string[]> =>
    (await server.ask('listMembers', { token, params: { conversationId }, query })).body.people
      .map((person: { handle: string }) => person.handle)
      .toSorted()
  assert.deepEqual(await who(author.token, '?unreadAt=2'), ['reader', 'slow'])
  const reading = await server.connect(reader.token)
  reading.say(JSON.stringify({ t: 'read', conversationId, seq: 2 }))
  while ((await who(author.token, '?readAt=2')).length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  assert.deepEqual([await who(slow.token, '?readAt=2'), await who(slow.token, '?unreadAt=2')], [['reader'], ['slow']])
  assert.deepEqual([await who(slow.token, '?readAt=3'), await who(slow.token, '?unreadAt=3')], [[], ['reader', 'slow']])
  assert.deepEqual(await who(late.token, '?unreadAt=5'), ['late', 'reader', 'slow'], 'who joined later has yet to read from there on')
  assert.deepEqual([await who(late.token, '?readAt=2'), await who(late.token, '?unreadAt=2')], [[], []], 'an entry from before the joining')
  assert.deepEqual([await who(author.token, '?readAt=6'), await who(author.token, '?unreadAt=6')], [[], []], 'an entry that does not exist')
  assert.equal((await who(author.token, '?unreadAt=5&limit=2')).length, 2)
  const stranger = await server.person('stranger')
  assert.equal((await server.ask('listMembers', { token: stranger.token, params: { conversationId }, query: '?readAt=2' })).status, 404)
})

test('[W1] an invalid request is refused in the common shape, and nothing is done', async (t) => {
  const server = await startTestServer(t)
  const { token } = await server.person('member')
  const id = randomUUID()
  const wrong: [RouteName, Asking, number, string][] = [
    ['createGroup', { body: '{' }, 422, 'body-invalid'],
    ['createGroup', { body: 'null' }, 422, 'body-invalid'],
    ['createGroup', { body: '[]' }, 422, 'body-invalid'],
    ['createGroup', { body: '' }, 422, 'body-invalid'],
    ['createGroup', {}, 422, 'body-invalid'],
    ['createGroup', { body: { id, title: 5, accounts: [] } }, 422, 'body-invalid'],
    ['createGroup', { body: { id, title: '' } }, 422, 'body-invalid'],
    ['createGroup', { body: { id, title: '', accounts: [], admin: true } }, 422, 'body-invalid'],
    ['createGroup', { body: { id: 'x', title: '', accounts: [] } }, 422, 'body-invalid'],
    ['createGroup', { body: { id, title: '', accounts: [unknown, unknown] } }, 422, 'body-invalid'],
    ['createGroup', { body: { id, title: '\ud800', accounts: [] } }, 422, 'text-malformed'],
    ['createGroup', { body: { id, title: '한\n줄', accounts: [] } }, 422, 'text-malformed'],
    ['createGroup', { body: { id, title: '가'.repeat(LIMITS.titleCodePointsMax + 1), accounts: [] } }, 422, 'text-too-long'],
    ['createGroup', { body: `{"id":"${id}","title":"","accounts":[],"__proto__":{"admin":true}}` }, 422, 'body-invalid'],
    ['createGroup', { body: `{"id":"${id}","title":"","accounts":[],"constructor":{"prototype":{"x":1}}}` }, 422, 'body-invalid'],
    ['createGroup', { body: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }, 422, 'body-invalid'],
    ['createGroup', { body: JSON.stringify({ id, title: '', accounts: [] }), headers: { 'content-type': 'text/plain' } }, 422, 'body-invalid'],
    ['createGroup', { body: 'id=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 422, 'body-invalid'],
    ['createGroup', { body: `"${'x'.repeat(LIMITS.httpBodyBytesMax - 1)}"` }, 413, 'body-too-large'],
    ['readHistory', { params: { conversationId: 'x' } }, 422, 'body-invalid'],
    ['readHistory', { params: { conversationId: unknown }, query: '?limit=0' }, 422, 'body-invalid'],
    ['readHistory', { params: { conversationId: unknown }, query: `?limit=${LIMITS.entriesPerPageMax + 1}` }, 422, 'body-invalid'],
    ['readHistory', { params: { conversationId: unknown }, query: '?before=x' }, 422, 'body-invalid'],
    ['readHistory', { params: { conversationId: unknown }, query: '?before=1&before=2' }, 422, 'body-invalid'],
    ['readHistory', { params: { conversationId: unknown }, query: '?before=0' }, 422, 'body-invalid'],
    ...[
      'limit=1e2',
      'limit=10.0',
      'limit=+10',
      'limit=%2010',
      'limit=010',
      'limit=0x10',
      'limit=true',
      'limit=',
      'before=1.5',
      'before=99999999999999999',
    ].map((query): [RouteName, Asking, number, string] => [
      'readHistory',
      { params: { conversationId: unknown }, query: `?${query}` },
      422,
      'body-invalid',
    ]),
    ['readHistory', { params: { conversationId: unknown }, query: '?other=1' }, 422, 'body-invalid'],
    ['createInvite', { body: { validMs: 59_999, uses: 1 } }, 422, 'body-invalid'],
    ['createInvite', { body: { validMs: 60_000.5, uses: 1 } }, 422, 'body-invalid'],
    ['createInvite', { body: { validMs: '60000', uses: 1 } }, 422, 'body-invalid'],
    ['changeProfile', { body: { displayName: ' ' } }, 422, 'text-empty'],
    ['changeProfile', { body: { displayName: 'a\u0007' } }, 422, 'text-malformed'],
    ['changeProfile', { body: { displayName: '가'.repeat(LIMITS.displayNameCodePointsMax + 1) } }, 422, 'text-too-long'],
    ['lookUpHandle', { body: { handle: "' OR 1=1 --" } }, 404, 'not-found'],
  ]
  for (const [name, asking, status, code] of wrong) {
    const answered = await server.ask(name, { token, ...asking })
    const about = `${name} ${JSON.stringify(asking).slice(0, 120)}`
    assert.deepEqual([answered.status, answered.body], [status, { code }], about)
  }
  const live = await server.connect(token)
  assert.equal(live.frames.filter((frame) => frame.t === 'reset').length, 0, 'no group was made')
  assert.equal(({} as { admin?: true }).admin, undefined)
  const exact = JSON.stringify({ id, title: '', accounts: [] })
  assert.equal(
    (await server.ask('createGroup', { token, body: exact + ' '.repeat(LIMITS.httpBodyBytesMax - exact.length) })).status,
    200,
    'the body bound itself is fine',
  )
})

test('[W4] every answer, errors too, has the security headers', async (t) => {
  const server = await startTestServer(t)
  const answers = await Promise.all(
    ['/', '/v1/server', '/v1/devices', '/v1/nothing', '/docs', '/healthz', '/metrics', `/v1/devices/${'x'.repeat(300)}`].map((path) =>
      server.raw(path),
    ),
  )
  answers.push(await server.raw('/v1/accounts', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }))
  answers.push(await server.raw('/v1/%zz'))
  for (const { status, headers, body } of answers) {
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/, String(status))
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('strict-transport-security'), null, 'not over plain HTTP')
    assert.equal(headers.get('access-control-allow-origin'), null)
    if (status >= 400) assert.deepEqual(Object.keys(body as object), ['code'])
  }
  const csp = answers[0]!.headers.get('content-security-policy') ?? ''
  for (const part of ["script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) assert.ok(csp.includes(part), part)
  assert.ok(!csp.includes('unsafe'))
  assert.equal(answers[0]!.headers.get('x-frame-options'), 'DENY')
  assert.equal(answers[0]!.headers.get('referrer-policy'), 'no-referrer')
})

test('[O1, B78] requests beyond the limit are refused with a time: by address without a token, by account with one', async (t) => {
  const server = await startTestServer(t, { BONGSU_OPEN_REQUESTS_PER_MINUTE: '5', BONGSU_REQUESTS_PER_MINUTE: '4' })
  const member = await server.person('member')
  const guess = { body: { code: 'a'.repeat(22) } }
  for (let n = 0; n < 4; n++) assert.equal((await server.ask('checkInvite', guess)).status, 410)
  const askedAt = performance.now()
  const refused = await server.ask('checkInvite', { ...guess, headers: { 'x-forwarded-for': '203.0.113.7' } })
  assert.ok(performance.now() - askedAt >= GATEWAY_BOUNDS.lateRefusalMs, 'asking again at once gains nothing')
  assert.deepEqual([refused.status, refused.body.code], [429, 'rate-limited'], 'a forwarded address is a claim from nobody trusted')
  const seconds = Number(refused.headers.get('retry-after'))
  assert.ok(seconds >= 1 && seconds <= 60 && seconds === Math.ceil(refused.body.retryAfterMs / 1_000))
  for (let n = 0; n < 4; n++) assert.equal((await server.ask('listDevices', { token: member.token })).status, 200)
  assert.equal((await server.ask('listDevices', { token: member.token })).status, 429)
  assert.equal((await server.ask('listDevices', { token: 'forged.token.here' })).status, 429, 'and guessing tokens is counted by address')
  assert.equal((await server.ask('server')).status, 200, 'what every page asks first is not counted, nor refused')
})

test('[O1] behind a trusted proxy each visitor is counted separately, IPv6 by its network', async (t) => {
  const server = await startTestServer(t, { BONGSU_OPEN_REQUESTS_PER_MINUTE: '2', BONGSU_TRUSTED_PROXIES: 'loopback' })
  const from = async (address: string): Promise<number> =>
    (await server.ask('checkInvite', { body: { code: 'a'.repeat(22) }, headers: { 'x-forwarded-for': address } })).status
  assert.deepEqual([await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.7')], [410, 410, 429])
  assert.equal(await from('203.0.113.8'), 410)
  assert.equal(await from('203.0.113.9, 203.0.113.7'), 429, 'what the visitor wrote before the proxy is not believed')
  assert.deepEqual([await from('2001:db8::1'), await from('2001:db8:0:0:1::2'), await from('2001:db8::ffff:3')], [410, 410, 429])
  assert.equal(await from('2001:db8:0:1::1'), 410)
})

test('[O1] metrics are for this machine only; a forwarded request is not local', async (t) => {
  const server = await startTestServer(t, { BONGSU_TRUSTED_PROXIES: 'loopback' })
  const open = await server.raw('/metrics')
  assert.equal(open.status, 200)
  assert.match(open.text, /bongsu_connections 0/)
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']) {
    assert.equal((await server.raw('/metrics', { headers: { [name]: '127.0.0.1' } })).status, 404, name)
  }
})

test('[O2] under overload history is told when to come back, and signing in is not', async (t) => {
  let overloaded = true
  const { app } = createHttp({ ...BARE, overload: { sheds: (work) => overloaded && work === 'history' } })
  t.after(() => app.close())
  const history = `/v1/conversations/${unknown}/entries`
  const answer = await app.inject(history)
  assert.deepEqual([answer.statusCode, answer.json()], [503, { code: 'busy', retryAfterMs: GATEWAY_BOUNDS.historyRetryMs }])
  assert.equal(answer.headers['retry-after'], String(GATEWAY_BOUNDS.historyRetryMs / 1_000))
  assert.equal((await app.inject({ method: 'POST', url: ROUTES.reportOutages.path })).statusCode, 503, 'what is over can wait as well [F4]')
  assert.equal((await app.inject(ROUTES.server.path)).statusCode, 200)
  overloaded = false
  assert.equal((await app.inject(history)).statusCode, 401)
})

test('[O1] all connections are bounded: idle ones are closed when there are many, and beyond the bound new ones are refused', async (t) => {
  const { app } = createHttp({ ...BARE, connectionsMax: 10 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const sockets: { readonly socket: Socket; closed: boolean; text: string }[] = []
  t.after(async () => {
    for (const { socket } of sockets) socket.destroy()
    await app.close()
  })
  async function open(request?: string): Promise<(typeof sockets)[0]> {
    const one = { socket: connect(port, '127.0.0.1'), closed: false, text: '' }
    sockets.push(one)
    one.socket.on('data', (data: Buffer) => (one.text += data.toString()))
    one.socket.on('close', () => (one.closed = true))
    one.socket.on('error', () => {})
    await new Promise((resolve) => one.socket.once('connect', resolve))
    if (request !== undefined) {
      one.socket.write(request)
      await until('an answer', () => one.text.includes('\r\n\r\n') || one.closed)
    }
    return one
  }
  const get = `GET ${ROUTES.server.path} HTTP/1.1\r\nHost: x\r\n\r\n`
  const kept = [await open(get), await open(get)]
  const silent: Awaited<ReturnType<typeof open>>[] = []
  for (let n = 0; n < 8; n++) silent.push(await open())
  await until('the kept ones to be closed', () => kept.every(({ closed }) => closed))
  assert.deepEqual(
    silent.map(({ closed }) => closed),
    silent.map(() => false),
  )
  for (let n = 0; n < 2; n++) silent.push(await open())
  const beyond = await open()
  await until('the eleventh to be turned away', () => beyond.closed)
  assert.equal(silent.filter(({ closed }) => closed).length, 0, 'and those before it stay')
  silent[0]?.socket.destroy()
  await until('room again', async () => (await open(get)).text.startsWith('HTTP/1.1 200'))
})

const KEY = 'a-key-of-the-sentinel-long-enough-for-this'

test('[F1] routes with a key accept the key alone, in its place: no person’s token, no other key', async (t) => {
  const server = await startTestServer(t, { BONGSU_SENTINEL_KEY: KEY, BONGSU_CELL: 'seoul' })
  const admin = await server.person('admin')
  const keyed = (Object.entries(ROUTES) as [RouteName, Route][]).filter(([, route]) => route.key === 'sentinel').map(([name]) => name)
  assert.deepEqual(keyed.toSorted(), ['figures', 'inviteCanaries', 'readReports'])
  const ids = { accountId: unknown, conversationId: unknown, deviceId: unknown, inviteId: unknown }
  for (const name of keyed) {
    assert.equal((await server.ask(name, { ...requestOf(name, ids), token: KEY })).status, 200, name)
    for (const authorization of [
      KEY,
      `bearer ${KEY}`,
      `Bearer ${KEY} `.trimEnd() + 'x',
      `Bearer ${KEY.slice(0, -1)}`,
      `Bearer ${admin.token}`,
      'Bearer ',
      '',
    ]) {
      const answered = await server.ask(name, { ...requestOf(name, ids), headers: { authorization } })
      assert.deepEqual([answered.status, answered.body], [401, { code: 'unauthenticated' }], `${name} with ${authorization}`)
    }
  }
  assert.equal((await server.raw(`/v1/figures?key=${KEY}`)).status, 401)
  for (const name of closedRoutes.filter((one) => !keyed.includes(one)))
    assert.equal((await server.ask(name, { ...requestOf(name, ids), token: KEY })).status, 401, `${name} is for people`)
  const figures = await server.ask('figures', { token: KEY })
  assert.deepEqual([figures.body.cell, figures.body.connectedUsers, figures.headers.get('cache-control')], ['seoul', 0, 'no-store'])
  assert.ok(!figures.text.includes('admin') && !figures.text.includes(admin.accountId))
  assert.ok(!server.logged.join().includes(KEY))
})

test('[F1] requests with the key are not counted by address, on open routes too; requests with a wrong key are', async (t) => {
  const server = await startTestServer(t, { BONGSU_SENTINEL_KEY: KEY, BONGSU_OPEN_REQUESTS_PER_MINUTE: '3' })
  const ask = async (name: RouteName, token: string): Promise<number> =>
    (await server.ask(name, { token, ...requestOf(name, { accountId: '', conversationId: '', deviceId: '', inviteId: '' }) })).status
  for (let n = 0; n < 10; n++) assert.deepEqual([await ask('figures', KEY), await ask('checkInvite', KEY)], [200, 422])
  assert.deepEqual([await ask('figures', `${KEY}x`), await ask('figures', 'x'), await ask('checkInvite', 'x')], [401, 401, 422])
  assert.deepEqual([await ask('figures', 'x'), await ask('checkInvite', 'x')], [429, 429])
  assert.equal(await ask('figures', KEY), 200)
})

test('[F1] a key is created at the first start, readable by its owner alone, and stays; a configured key has priority', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-key-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'sentinel-key')
  const key = await loadSentinelKey(fileKeys(directory), null)
  assert.match(key, /^[A-Za-z0-9_-]{43}$/)
  assert.equal(readFileSync(file, 'utf8'), key)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(await loadSentinelKey(fileKeys(directory), null), key)
  assert.equal(await loadSentinelKey(fileKeys(directory), KEY), KEY)
  writeFileSync(file, 'half a key')
  await assert.rejects(loadSentinelKey(fileKeys(directory), null), /does not hold a key.*Delete it/)
})

test('[F4] outages are accepted from signed-in people with possible values', async (t) => {
  const server = await startTestServer(t, { BONGSU_SENTINEL_KEY: KEY })
  const member = await server.person('member')
  const outage = { id: unknown, agoMs: 0, lastedMs: LIMITS.outageMsMin + 1, part: 'connection', unsent: 0 }
  const tell = async (outages: unknown): Promise<number> => (await server.ask('reportOutages', { token: member.token, body: { outages } })).status
  const good = [{}, { agoMs: LIMITS.outageAgoMsMax }, { lastedMs: LIMITS.outageMsMax }, { unsent: LIMITS.unsentMax }, { part: 'sign-in' }]
  for (const change of good) assert.equal(await tell([{ ...outage, ...change }]), 200, JSON.stringify(change))
  const absurd = [
    { agoMs: -1 },
    { agoMs: LIMITS.outageAgoMsMax + 1 },
    { agoMs: 0.5 },
    { lastedMs: LIMITS.outageMsMin },
    { lastedMs: LIMITS.outageMsMax + 1 },
    { unsent: -1 },
    { unsent: LIMITS.unsentMax + 1 },
    { part: 'push' },
    { id: 'x' },
    { id: unknown.toUpperCase() },
    { text: '안녕' },
  ]
  for (const change of absurd) assert.equal(await tell([{ ...outage, ...change }]), 422, JSON.stringify(change))
  assert.equal(await tell([]), 422)
  const many = (count: number) => Array.from({ length: count }, () => ({ ...outage, id: randomUUID() }))
  assert.equal(await tell(many(LIMITS.outagesPerReportMax + 1)), 422)
  assert.equal(await tell(many(LIMITS.outagesPerReportMax)), 200)
  const now = Date.now()
  const reports = await server.ask('readReports', { token: KEY, query: `?from=${now - 60_000}&to=${now}` })
  assert.deepEqual(reports.body, { activeUsers: 1, affectedUsers: 1, signInUsers: 0, connectionUsers: 1, unsent: 0 })
  for (const query of ['', '?from=1', '?from=2&to=1', `?from=0&to=${LIMITS.reportsSpanMsMax + 1}`, '?from=x&to=1'])
    assert.equal((await server.ask('readReports', { token: KEY, query })).status, 422, query)
})

test('[F6] visitors get the address of the status pages, and the app may read them; without the setting neither', async (t) => {
  const server = await startTestServer(t, { BONGSU_STATUS_URL: 'https://example.kr/status' })
  assert.equal((await server.ask('server')).body.statusUrl, 'https://example.kr/status')
  assert.match((await server.raw('/')).headers.get('content-security-policy') ?? '', /connect-src 'self'[^;]* https:\/\/example\.kr(;|$)/)
  const plain = await startTestServer(t)
  assert.equal('statusUrl' in (await plain.ask('server')).body, false)
  assert.ok(!(await plain.raw('/')).headers.get('content-security-policy')?.includes('https:'))
})

test('[O1] silent sockets of two addresses keep no newcomer out', async (t) => {
  const { silentPerAddressCrowd, silentMs } = GATEWAY_BOUNDS
  const each = silentPerAddressCrowd + 50
  const { app } = createHttp({ ...BARE, connectionsMax: 2 * each })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const sockets: Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await app.close()
  })
  const hold = async (localAddress: string, count: number, says: string): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      sockets.push(socket)
      socket.on('error', () => undefined)
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.write(says)
    }
  }
  const trickle = 'POST /v1/sessions HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{'
  const ways = [
    ['127.0.0.2', ''],
    ['127.0.0.3', trickle],
  ] as const
  for (const [address, says] of ways) await hold(address, silentPerAddressCrowd, says)
  await new Promise((resolve) => setTimeout(resolve, silentMs))
  for (const [address, says] of ways) await hold(address, 50, says)
  const newcomers = await Promise.all(Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${port}${ROUTES.server.path}`)))
  assert.deepEqual(new Set(newcomers.map(({ status }) => status)), new Set([200]))
})

test('[W1] a request with two Host headers is refused, also before a WebSocket', async (t) => {
  const server = await startTestServer(t)
  const { port } = new URL(server.base)
  const ask = (lines: string): Promise<string> =>
    new Promise((resolve) => {
      let said = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${lines}\r\nconnection: close\r\n\r\n`))
      socket.on('data', (data) => (said += data.toString()))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(said))
    })
  const twice = 'host: one.example\r\nHost: other.example'
  for (const path of ['/v1/server', '/healthz', '/nowhere']) assert.match(await ask(`GET ${path} HTTP/1.1\r\n${twice}`), /^HTTP\/1\.1 400 /, path)
  const upgrade =
    'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: bongsu.v1'
  assert.match(await ask(`GET /v1/socket HTTP/1.1\r\n${twice}\r\n${upgrade}`), /^HTTP\/1\.1 400 /)
  assert.match(await ask('GET /v1/server HTTP/1.1\r\nhost: one.example'), /^HTTP\/1\.1 200 /)
})

test('[B54] routes of staff are refused to everybody else; [B55] a suspended account is refused everything but signing out', async (t) => {
  const server = await startTestServer(t)
  const [admin, member, suspended] = [await server.person('admin'), await server.person('member'), await server.person('suspended')]
  const ids = { accountId: suspended.accountId, conversationId: unknown, deviceId: suspended.deviceId, inviteId: unknown }
  for (const name of ['lookUpForStaff', 'setRole', 'suspend', 'liftSuspension', 'warn', 'readJournal'] as const) {
    const answered = await server.ask(name, { ...requestOf(name, ids), token: member.token })
    assert.deepEqual([answered.status, answered.body], [403, { code: 'forbidden' }], name)
  }
  assert.equal((await server.ask('suspend', { ...requestOf('suspend', ids), token: admin.token })).status, 200)
  for (const name of closedRoutes.filter((each) => each !== 'signOut' && ROUTES[each].path.startsWith('/v1/') && !('key' in ROUTES[each]))) {
    const answered = await server.ask(name, { ...requestOf(name, ids), token: suspended.token })
    assert.deepEqual([answered.status, answered.body.code, answered.body.suspension?.reason], [403, 'suspended', '까닭'], name)
  }
  assert.equal((await server.ask('signOut', { token: suspended.token })).status, 200)
})
