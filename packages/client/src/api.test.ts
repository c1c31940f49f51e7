import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { uuidOf } from '../fakes/clock.ts'
import { createApi } from './api.ts'

interface Asked {
  readonly url: string
  readonly init: RequestInit
}

function apiAnswering(answer: () => Response | Promise<Response>, token: string | null = 't') {
  const asked: Asked[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    asked.push({ url: url as string, init })
    return answer()
  }
  return { asked, api: createApi({ baseUrl: 'http://here', token: () => token, fetch }) }
}

test('[W2] a call goes to its route, with token, parameters, query and body', async () => {
  const { api, asked } = apiAnswering(() => Response.json({ head: 0, joinedSeq: 1, entries: [] }))
  const conversationId = uuidOf(0xc, 1) as ConversationId
  const answer = await api.call('readHistory', { params: { conversationId }, query: { before: 7 } })
  assert.deepEqual(answer, { ok: true, value: { head: 0, joinedSeq: 1, entries: [] } })
  assert.equal(asked[0]?.url, `http://here/v1/conversations/${conversationId}/entries?before=7`)
  assert.equal(asked[0]?.init.method, 'GET')
  assert.equal(new Headers(asked[0]?.init.headers).get('authorization'), 'Bearer t')
  assert.equal(asked[0]?.init.body, undefined)
  await api.call('lookUpPeople', { body: { accountIds: ['a/b' as AccountId] } })
  assert.equal(asked[1]?.init.body, '{"accountIds":["a/b"]}')
  await api.call('addFriend', { params: { accountId: '../x?y' as AccountId } })
  assert.equal(asked[2]?.url, 'http://here/v1/friends/..%2Fx%3Fy', 'a parameter stays in its place')
  await api.call('listDevices')
  assert.equal(asked[3]?.url, 'http://here/v1/devices')
})

test('[W2] without a token none is sent', async () => {
  const { api, asked } = apiAnswering(() => Response.json({ name: 'x', registration: 'open', protocolVersion: 1 }), null)
  await api.call('server')
  assert.equal(new Headers(asked[0]?.init.headers).has('authorization'), false)
})

test('[C3] a refusal is a value with its code and wait', async () => {
  const refused = (status: number, body: string, headers: Record<string, string> = {}) =>
    apiAnswering(() => new Response(body, { status, headers })).api.call('listDevices')
  assert.deepEqual(await refused(429, '{"code":"rate-limited","retryAfterMs":250}'), {
    ok: false,
    refusal: { code: 'rate-limited', retryAfterMs: 250 },
  })
  assert.deepEqual(await refused(503, '<html>', { 'retry-after': '3' }), { ok: false, refusal: { code: 'unavailable', retryAfterMs: 3_000 } })
  assert.deepEqual(await refused(502, ''), { ok: false, refusal: { code: 'unavailable' } })
  assert.deepEqual(await refused(429, ''), { ok: false, refusal: { code: 'rate-limited' } })
  assert.deepEqual(await refused(401, '{"code":"toString"}'), { ok: false, refusal: { code: 'unauthenticated' } })
})

test('[C2] a foreign answer, from a captive portal or a proxy without its server, is never final', async () => {
  for (const status of [200, 403, 404]) {
    const { api } = apiAnswering(() => new Response('<html>', { status }))
    assert.deepEqual(await api.call('listDevices'), { ok: false, refusal: { code: 'unavailable' } }, String(status))
  }
  const { api } = apiAnswering(() => new Response('{"code":"not-found"}', { status: 404 }))
  assert.deepEqual(await api.call('listDevices'), { ok: false, refusal: { code: 'not-found' } })
})

test('[C3] an unreachable server is a value too, which says that nothing is known', async () => {
  const { api } = apiAnswering(() => Promise.reject(new TypeError('fetch failed')))
  assert.deepEqual(await api.call('listDevices'), { ok: false, refusal: { code: 'unavailable' }, offline: true })
})

test('[C2] a truncated answer counts as no answer', async () => {
  const cut = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) })
  const { api } = apiAnswering(() => new Response(cut))
  assert.deepEqual(await api.call('listDevices'), { ok: false, refusal: { code: 'unavailable' }, offline: true })
})
