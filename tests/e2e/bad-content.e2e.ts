import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { LIMITS, type ClientMessageId, type ConversationId, type DownFrameOf, type SendBody, type UpFrame } from '@bongsu/protocol'
import { startBystanders, type Bystanders } from './bystanders.ts'
import { openRaw, type RawSocket } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { forgeToken, type Forged } from './tokens.ts'
import { untilOver } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { got, makeGroup, makePeople, openDirect, signInAgain, type Person } from './world.ts'

// Well-formed frames and requests that must not be granted: other people's rooms, other people's names, texts that are none.

const all = untilOver()
let server: ServerProcess
let people: readonly Person[]
let room: ConversationId
let others: ConversationId
let bystanders: Bystanders
/** A device of the first person that nothing else uses. */
let spare: Person
const person = (place: number): Person => people[place] as Person
const newId = (): ClientMessageId => randomUUID() as ClientMessageId

before(async () => {
  server = await startServerProcess(all)
  people = await makePeople(server, 6)
  spare = await signInAgain(server.url, person(0), '둘째 기기')
  room = await makeGroup(person(0), '', [person(1)])
  others = await makeGroup(person(2), '남의 방', [person(3)])
  bystanders = await startBystanders(all, server.url, person(4), person(5))
})

async function signedIn(t: { after(run: () => void): void }, who = person(0)): Promise<RawSocket> {
  const raw = await openRaw(t, server.url, who.token)
  await raw.next('caught-up')
  return raw
}

async function send(raw: RawSocket, text: string, conversationId = room, id = newId()): Promise<DownFrameOf<'accepted' | 'refused'>> {
  const after = raw.frames.length
  raw.say({ t: 'send', id, conversationId, body: { kind: 'text', text } })
  return waitFor('an answer', () =>
    raw.frames.slice(after).find((frame) => (frame.t === 'accepted' || frame.t === 'refused') && frame.id === id),
  ) as ReturnType<typeof send>
}

async function refusalOf(raw: RawSocket, frame: UpFrame): Promise<string> {
  const after = raw.frames.length
  raw.say(frame)
  return (await raw.next('refused', () => true, after)).code
}

// Tokens ----------------------------------------------------------------------------------------------------------------------------------------

async function knock(t: { after(run: () => void): void }, token: string): Promise<{ readonly http: number; readonly closed: number | 'welcome' }> {
  const response = await fetch(`${server.url}/v1/devices`, { headers: { authorization: `Bearer ${token}` } })
  const raw = await openRaw(t, server.url, token)
  const answer = await waitFor('an answer to hello', () => raw.frames[0])
  if (answer.t === 'welcome') return { http: response.status, closed: 'welcome' }
  assert.deepEqual(answer, { t: 'refused', re: 'hello', code: 'unauthenticated' })
  return { http: response.status, closed: await raw.closed() }
}

test('[O6] a token made with the right key is let in: the forged ones below fail for what is wrong with them', async (t) => {
  assert.deepEqual(await knock(t, forged({})), { http: 200, closed: 'welcome' })
})

function forged(change: Partial<Forged>): string {
  const key = Buffer.from(readFileSync(join(server.directory, 'token.key'), 'utf8').trim(), 'base64url')
  return forgeToken({ accountId: person(0).accountId, deviceId: spare.deviceId, key, expiresInS: 3_600, ...change })
}

const FORGED: readonly (readonly [what: string, token: () => string])[] = [
  ['signed with another key', () => forged({ key: randomBytes(32) })],
  ['not signed', () => forged({ alg: 'none' })],
  ['without a signature, under the header of one that has it', () => forged({ unsigned: true })],
  ['signed in another way', () => forged({ alg: 'HS512' })],
  ['of another issuer', () => forged({ issuer: 'mallory' })],
  ['of nobody', () => forged({ accountId: 'me' })],
  [
    'with other claims under the old signature',
    () => person(0).token.replace(/\.[^.]+\./, `.${forged({ accountId: person(1).accountId }).split('.')[1]}.`),
  ],
  ['that is empty', () => ''],
]

for (const [what, token] of FORGED) {
  test(`[W4] a token ${what} is refused, and the connection closes with 4100`, async (t) => {
    assert.deepEqual(await knock(t, token()), { http: 401, closed: 4_100 })
    await bystanders.stillTalk()
  })
}

test('[O8] a token that has expired is refused, and the connection closes with 4102', async (t) => {
  assert.deepEqual(await knock(t, forged({ expiresInS: -301 })), { http: 401, closed: 4_102 })
})

for (const [what, change] of [
  ['an account that is not there', () => ({ accountId: randomUUID() })],
  ['a device that is not there', () => ({ deviceId: randomUUID() })],
  ['a device of another account', () => ({ deviceId: person(1).deviceId })],
] as const) {
  test(`[W4] a token of ${what} opens nothing`, async (t) => {
    const token = forged(change())
    const response = await fetch(`${server.url}/v1/devices`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(response.status, 401)
    const raw = await openRaw(t, server.url, token)
    assert.equal(await raw.closed(), 4_100)
    assert.deepEqual(raw.frames, [])
  })
}

test('[W4] a revoked device is refused, the others of the account are not', async (t) => {
  const second = await signInAgain(server.url, person(0), '잃은 기기')
  assert.deepEqual(await knock(t, second.token), { http: 200, closed: 'welcome' })
  got(await person(0).api.call('revokeDevice', { params: { deviceId: second.deviceId } }))
  assert.deepEqual(await knock(t, second.token), { http: 401, closed: 4_103 })
  // It may come when its token is out of its time: it has to learn that it was revoked [C10].
  assert.deepEqual(await knock(t, forged({ deviceId: second.deviceId, expiresInS: -301 })), { http: 401, closed: 4_103 })
  assert.deepEqual(await knock(t, person(0).token), { http: 200, closed: 'welcome' })
})

// Other people's rooms --------------------------------------------------------------------------------------------------------------------------

/** What can be done in groups alone, by those who are in them. */
const groupActs = (): readonly SendBody[] => [
  { kind: 'renamed', title: '새 이름' },
  { kind: 'left' },
  { kind: 'invited', accounts: [person(2).accountId] },
]

test('[W4] nothing can be done to a room one is not in, and it cannot be told from one that is not there', async (t) => {
  const raw = await signedIn(t)
  for (const conversationId of [others, randomUUID() as ConversationId]) {
    const answer = await send(raw, '들어가도 되나요', conversationId)
    assert.equal(answer.t === 'refused' && answer.code, 'not-a-member')
    for (const body of groupActs()) assert.equal(await refusalOf(raw, { t: 'send', id: newId(), conversationId, body }), 'not-a-member')
    assert.equal(await refusalOf(raw, { t: 'read', conversationId, seq: 1 }), 'not-a-member')
    assert.equal(await refusalOf(raw, { t: 'typing', conversationId }), 'not-a-member')
    assert.equal(await refusalOf(raw, { t: 'watch', conversationId, from: 1, to: null }), 'not-a-member')
    assert.equal(await refusalOf(raw, { t: 'refresh', conversationId }), 'not-a-member')
    const history = await person(0).api.call('readHistory', { params: { conversationId } })
    assert.equal(!history.ok && history.refusal.code, 'not-a-member')
    const members = await person(0).api.call('listMembers', { params: { conversationId } })
    assert.equal(!members.ok && members.refusal.code, 'not-a-member')
  }
  assert.doesNotMatch(JSON.stringify(raw.frames), /남의 방/)
  await bystanders.stillTalk()
})

test('[W4] a cursor for a room one is not in brings nothing of it', async (t) => {
  const raw = await openRaw(t, server.url, null)
  const { epoch } = await (await signedIn(t)).next('welcome')
  raw.say({
    t: 'hello',
    token: person(1).token,
    epoch,
    account: 0,
    cursors: [
      [others, 0],
      [others, 999],
    ],
  })
  await raw.next('caught-up')
  assert.doesNotMatch(JSON.stringify(raw.frames), new RegExp(`남의 방|${others}`))
})

test('[W4] who has left sends and reads no more', async (t) => {
  const left = await makeGroup(person(0), '떠날 방', [person(1)])
  const raw = await signedIn(t, person(1))
  raw.say({ t: 'send', id: newId(), conversationId: left, body: { kind: 'left' } })
  await raw.next('accepted')
  const answer = await send(raw, '아직 있나요', left)
  assert.equal(answer.t === 'refused' && answer.code, 'not-a-member')
  const after = raw.frames.length
  const owner = await signedIn(t)
  assert.equal((await send(owner, '나갔네', left)).t, 'accepted')
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.doesNotMatch(JSON.stringify(raw.frames.slice(after)), /나갔네/)
  const history = await person(1).api.call('readHistory', { params: { conversationId: left } })
  assert.equal(!history.ok && history.refusal.code, 'not-a-member')
})

test('[W1] what a kind of conversation does not allow is refused as conversation-kind', async (t) => {
  const direct = await openDirect(person(0), person(1))
  const raw = await signedIn(t)
  for (const body of groupActs()) assert.equal(await refusalOf(raw, { t: 'send', id: newId(), conversationId: direct, body }), 'conversation-kind')
})

// Ids and texts ---------------------------------------------------------------------------------------------------------------------------------

test('[M2] the same id again has the same answer; with another text or in another room it is id-conflict', async (t) => {
  const raw = await signedIn(t)
  const id = newId()
  const first = await send(raw, '한 번', room, id)
  assert.ok(first.t === 'accepted')
  // How far the history is by then is another matter [A7].
  const again = async (socket: RawSocket): Promise<void> => {
    const answer = await send(socket, '한 번', room, id)
    assert.deepEqual({ ...answer, tide: null }, { ...first, tide: null })
  }
  await again(raw)
  const second = await openRaw(t, server.url, (await signInAgain(server.url, person(0), '다른 기기')).token)
  await second.next('caught-up')
  await again(second)
  const elsewhere = await openDirect(person(0), person(1))
  for (const [text, conversationId] of [
    ['두 번', room],
    ['한 번 ', room],
    ['한 번', elsewhere],
  ] as const) {
    const answer = await send(raw, text, conversationId, id)
    assert.equal(answer.t === 'refused' && answer.code, 'id-conflict')
  }
  // The name belongs to its author: another person may use the same.
  const other = await signedIn(t, person(1))
  const answer = await send(other, '내 말', room, id)
  assert.ok(answer.t === 'accepted' && answer.seq !== first.seq)
  await bystanders.stillTalk()
})

const REFUSED_TEXTS: readonly (readonly [what: string, text: string, code: string])[] = [
  ['10,001 code points', '가'.repeat(LIMITS.textCodePointsMax + 1), 'text-too-long'],
  ['10,001 code points of two units each', '😀'.repeat(LIMITS.textCodePointsMax + 1), 'text-too-long'],
  ['NUL', '앞\0뒤', 'text-malformed'],
  ['a lone high surrogate', '앞\ud83d뒤', 'text-malformed'],
  ['a lone low surrogate', '앞\ude00뒤', 'text-malformed'],
  ['surrogates the wrong way round', '\ude00\ud83d', 'text-malformed'],
  ['nothing', '', 'text-empty'],
  ['white space alone', ' \n\t\u3000', 'text-empty'],
]

for (const [what, text, code] of REFUSED_TEXTS) {
  test(`[W1] a text of ${what} is refused as ${code}`, async (t) => {
    const raw = await signedIn(t)
    // JSON.stringify writes lone surrogates as escapes, so that they arrive as such and not as broken UTF-8.
    const answer = await send(raw, text)
    assert.equal(answer.t === 'refused' && answer.code, code)
    await bystanders.stillTalk()
  })
}

const KEPT_TEXTS: readonly (readonly [what: string, text: string])[] = [
  ['10,000 code points of four bytes each', '😀'.repeat(LIMITS.textCodePointsMax)],
  ['Hangul in parts (NFD)', '한글 봉수'.normalize('NFD')],
  ['old Hangul', 'ᄒᆞᆫ글 나랏말ᄊᆞ미'],
  ['emoji joined by ZWJ, skin tones, flags and keycaps', '👨‍👩‍👧‍👦 👍🏽 🇰🇷 3️⃣'],
  ['marks of right-to-left and isolates', '\u202eabc\u202c \u200fשלום\u200e \u2067مرحبا\u2069'],
  ['line ends of each kind and spaces at the ends', '  가\r\n나\n다\r \u2028 \u2029  '],
  ['control characters other than NUL', '\u0001\u0007\u001b[31m\u007f\u0085'],
  ['noncharacters, private use, a byte order mark', '\ufeff\ufffe\uffff\u{10ffff}\ue000'],
  ['a thousand combining marks', `a${'\u0301'.repeat(1_000)}`],
  ['markup and templates', `<script>alert(1)</script> {{7*7}} \${x} '; DROP TABLE entries; -- \\u0041 "`],
  ['what looks like a frame', '{"t":"accepted"}'],
]

for (const [what, text] of KEPT_TEXTS) {
  test(`[M4] a text of ${what} comes back as given, live and from history`, async (t) => {
    const reader = await signedIn(t, person(1))
    const raw = await signedIn(t)
    const answer = await send(raw, text)
    assert.equal(answer.t, 'accepted')
    const seq = answer.t === 'accepted' ? answer.seq : 0
    const live = await reader.next('entries', (frame) => frame.entries.some((entry) => entry.seq === seq))
    const page = got(await person(1).api.call('readHistory', { params: { conversationId: room }, query: { limit: 1 } }))
    for (const entry of [live.entries.find((one) => one.seq === seq), page.entries[0]]) {
      assert.ok(entry?.body.kind === 'text')
      // Not deepEqual: a difference of ten thousand emoji helps nobody.
      assert.ok(entry.body.text === text, what)
    }
  })
}

test('[M4] 10,000 code points written as escapes, the longest frame a client can make of them, are accepted', async (t) => {
  const raw = await signedIn(t)
  const id = newId()
  const escaped = '\\ud83d\\ude00'.repeat(LIMITS.textCodePointsMax)
  raw.sendRaw(`{"t":"send","id":"${id}","conversationId":"${room}","body":{"kind":"text","text":"${escaped}"}}`)
  await raw.next('accepted', (frame) => frame.id === id)
})

// HTTP ------------------------------------------------------------------------------------------------------------------------------------------

test('[W1] wrong requests over HTTP get their refusal, and never a fault', async () => {
  const headers = { authorization: `Bearer ${person(0).token}`, 'content-type': 'application/json' }
  const post = async (body: string | Uint8Array, type = 'application/json'): Promise<readonly unknown[]> => {
    const response = await fetch(`${server.url}/v1/people/by-handle`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: body as BodyInit,
    })
    return [response.status, ((await response.json()) as { code: unknown }).code]
  }
  assert.deepEqual(await post('{'), [422, 'body-invalid'])
  assert.deepEqual(await post(''), [422, 'body-invalid'])
  assert.deepEqual(await post('null'), [422, 'body-invalid'])
  assert.deepEqual(await post('{"handle":1}'), [422, 'body-invalid'])
  assert.deepEqual(await post('{"handle":"a","x":1}'), [422, 'body-invalid'])
  assert.deepEqual(await post('{"__proto__":{"handle":"a"}}'), [422, 'body-invalid'])
  assert.deepEqual(await post('['.repeat(30_000) + ']'.repeat(30_000)), [422, 'body-invalid'])
  assert.deepEqual(await post(' '.repeat(LIMITS.httpBodyBytesMax + 1)), [413, 'body-too-large'])
  assert.deepEqual(await post('handle=a', 'application/x-www-form-urlencoded'), [422, 'body-invalid'])
  assert.deepEqual(await post('{"handle":"nobody-here"}'), [404, 'not-found'])
  assert.equal((await fetch(`${server.url}/v1/people/by-handle`, { method: 'POST', body: '{}' })).status, 401)
  for (const path of [
    '/v1/conversations/1/entries',
    `/v1/conversations/${room}/entries?before=0`,
    `/v1/conversations/${room}/entries?limit=201`,
    `/v1/conversations/${room}/entries?token=x`,
  ])
    assert.equal((await fetch(server.url + path, { headers })).status, 422, path)
  for (const path of ['/v1/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/v1/nothing'])
    assert.equal((await fetch(server.url + path, { headers })).status, 404, path)
  await bystanders.stillTalk()
})

test('[W4] the process said nothing of what people wrote, and no token or code', () => {
  for (const secret of [person(0).token, '남의 방', 'DROP TABLE', '나갔네']) assert.ok(!server.said.includes(secret), 'something private was logged')
})
