import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type ConversationId, type RouteName } from '@bongsu/protocol'
import { ROUTES, type Route } from '@bongsu/protocol/schemas'
import { PASSWORD, startTestServer, type Asking, type TestServer } from '../../../../tests/worlds/running-server.ts'
import { createTokens } from '../accounts/tokens.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { createHttp } from './http.ts'
import type { HttpParts } from './http-handlers.ts'

const unknown = randomUUID()

/** A request of each route that would be fine from the right person. */
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
  }
  return requests[name] ?? {}
}

const closedRoutes = (Object.entries(ROUTES) as [RouteName, Route][]).filter(([, route]) => route.open !== true).map(([name]) => name)

async function group(server: TestServer, token: string, accounts: readonly string[]): Promise<ConversationId> {
  const made = await server.ask('createGroup', { token, body: { id: randomUUID(), title: '', accounts } })
  assert.equal(made.status, 200)
  return (made.body as { conversationId: ConversationId }).conversationId
}

test('[W4] every route without a good token answers 401 and nothing else', async (t) => {
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

test('[W4] what belongs to others answers as what does not exist, to the letter', async (t) => {
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

test('[W4] history and members are shown from when one came in, in pages, and no longer when one has left', async (t) => {
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

test('[W1] what is not a request of the protocol is refused in its one shape, and nothing is done', async (t) => {
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

test('[W4] every answer, errors too, carries the headers that keep browsers safe', async (t) => {
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

test('[O1] requests beyond the limit are refused with a time to come back: by address without a token, by account with one', async (t) => {
  const server = await startTestServer(t, { BONGSU_OPEN_REQUESTS_PER_MINUTE: '5', BONGSU_REQUESTS_PER_MINUTE: '4' })
  const member = await server.person('member')
  for (let n = 0; n < 4; n++) assert.equal((await server.ask('server')).status, 200)
  const refused = await server.ask('server', { headers: { 'x-forwarded-for': '203.0.113.7' } })
  assert.deepEqual([refused.status, refused.body.code], [429, 'rate-limited'], 'a forwarded address is a claim from nobody trusted')
  const seconds = Number(refused.headers.get('retry-after'))
  assert.ok(seconds >= 1 && seconds <= 60 && seconds === Math.ceil(refused.body.retryAfterMs / 1_000))
  for (let n = 0; n < 4; n++) assert.equal((await server.ask('listDevices', { token: member.token })).status, 200)
  assert.equal((await server.ask('listDevices', { token: member.token })).status, 429)
  assert.equal((await server.ask('listDevices', { token: 'forged.token.here' })).status, 429, 'and guessing tokens is counted by address')
})

test('[O1] behind a trusted proxy each visitor is counted alone, IPv6 by its network', async (t) => {
  const server = await startTestServer(t, { BONGSU_OPEN_REQUESTS_PER_MINUTE: '2', BONGSU_TRUSTED_PROXIES: 'loopback' })
  const from = async (address: string): Promise<number> => (await server.ask('server', { headers: { 'x-forwarded-for': address } })).status
  assert.deepEqual([await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.7')], [200, 200, 429])
  assert.equal(await from('203.0.113.8'), 200)
  assert.equal(await from('203.0.113.9, 203.0.113.7'), 429, 'what the visitor wrote before the proxy is not believed')
  assert.deepEqual([await from('2001:db8::1'), await from('2001:db8:0:0:1::2'), await from('2001:db8::ffff:3')], [200, 200, 429])
  assert.equal(await from('2001:db8:0:1::1'), 200)
})

test('[O1] figures are for this machine only; a request that came through anything is not from here', async (t) => {
  const server = await startTestServer(t, { BONGSU_TRUSTED_PROXIES: 'loopback' })
  const open = await server.raw('/metrics')
  assert.equal(open.status, 200)
  assert.match(open.text, /bongsu_connections 0/)
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']) {
    assert.equal((await server.raw('/metrics', { headers: { [name]: '127.0.0.1' } })).status, 404, name)
  }
})

test('[O2] under overload what is old can wait: history is told when to come back, and signing in is not', async (t) => {
  let overloaded = true
  const { app } = createHttp({
    // Nobody is signed in here, so no handler is reached but that of `server`, which needs these two.
    parts: { name: '봉수', registration: 'invite' } as unknown as HttpParts,
    tokens: createTokens(new Uint8Array(32), { now: () => Date.now() }),
    isRevoked: () => false,
    addressOf: () => '192.0.2.1',
    requestsPerMinute: 100,
    openRequestsPerMinute: 100,
    overload: { sheds: (work) => overloaded && work === 'history' },
    counted() {},
    failed: (cause) => assert.fail(String(cause)),
  })
  t.after(() => app.close())
  const history = `/v1/conversations/${unknown}/entries`
  const answer = await app.inject(history)
  assert.deepEqual([answer.statusCode, answer.json()], [503, { code: 'busy', retryAfterMs: GATEWAY_BOUNDS.historyRetryMs }])
  assert.equal(answer.headers['retry-after'], String(GATEWAY_BOUNDS.historyRetryMs / 1_000))
  assert.equal((await app.inject(ROUTES.server.path)).statusCode, 200)
  overloaded = false
  assert.equal((await app.inject(history)).statusCode, 401)
})
