import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApi } from '@bongsu/client'
import { faultInAct, faultInBody, LIMITS, PATHS, type RouteName } from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { asyncApi, openApi } from '@bongsu/protocol/documents'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { ROOT } from '../../tools/files.ts'
import { insertAccounts } from '../e2e/many-accounts.ts'
import { startServerProcess } from '../e2e/server-process.ts'
import { got } from '../e2e/world.ts'
import { startTestServer } from '../worlds/running-server.ts'
import { edgesOf, type Schema } from './edges.ts'

const SERVING = { version: '1.2.3', origin: 'https://talk.example.kr' }
const STRICT = { strict: true, strictTuples: false, strictTypes: false }
/** AsyncAPI 3.0 has the JSON Schema of draft 7, OpenAPI 3.1 that of 2020-12. */
const draft7 = new Ajv(STRICT)
const draft2020 = new Ajv2020(STRICT)
/** Different ids for lists of ids. */
const IDS = Array.from({ length: 300 }, () => randomUUID())

/** Refusals that mean: this request is not as the documents say. */
const SHAPE = new Set(['frame-malformed', 'frame-unknown', 'body-invalid', 'text-empty', 'text-too-long', 'text-malformed'])

/** A conversation and its cursor are a tuple of two. */
const PAIR = 2

interface Difference {
  readonly value: string
  readonly schema: boolean
  readonly server: string
}

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 200)} … ${text.length} characters` : text
}

/** The server's verdict about the values of a frame: shape first, then the rules of the kinds. */
function verdict(text: string): string {
  const decoded = decodeUp(text)
  if (!decoded.ok) return decoded.code
  const { frame } = decoded
  if (frame.t === 'send') return faultInBody(frame.body) ?? 'accepted'
  if (frame.t === 'set') return faultInAct(frame.act) ?? 'accepted'
  return 'accepted'
}

test('[W5] the published schema of each frame accepts what the server accepts, at every edge', () => {
  const { channels } = asyncApi(SERVING) as unknown as { channels: { socket: { messages: Record<string, { name: string; payload: Schema }> } } }
  const folder = join(ROOT, 'packages/protocol/golden/v1')
  let tried = 0
  const differences: Difference[] = []
  for (const file of readdirSync(folder).filter((name) => name.startsWith('up-'))) {
    const good = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { t: string }
    const { payload } = channels.socket.messages[`up-${good.t}`] ?? assert.fail(file)
    const check = draft7.compile(payload)
    assert.ok(check(good), file)
    for (const value of edgesOf(payload, good, IDS)) {
      const text = JSON.stringify(value)
      const server = verdict(text)
      const schema = check(JSON.parse(text))
      tried++
      if (schema !== !SHAPE.has(server) && !isBeyondSchemas(value)) differences.push({ value: short(value), schema, server })
    }
  }
  assert.ok(tried > 5_000, `${tried} values`)
  assert.deepEqual(differences, [])
})

/** Rules that JSON Schema cannot say: one emoji, mentions that lie inside their text without overlaps, and a next host or staff, whom only the server names. */
function isBeyondSchemas(value: unknown): boolean {
  const { act, body } = value as {
    act?: { kind?: string; value?: { mentions?: unknown } }
    body?: { mentions?: unknown; host?: unknown; by?: unknown }
  }
  return (
    act?.kind === 'reaction' ||
    act?.value?.mentions !== undefined ||
    body?.mentions !== undefined ||
    body?.host !== undefined ||
    body?.by !== undefined
  )
}

test('[W5] every published bound of a request is one of the table of limits', () => {
  const { channels } = asyncApi(SERVING) as unknown as { channels: { socket: { messages: Record<string, object> } } }
  const up = Object.entries(channels.socket.messages).filter(([name]) => name.startsWith('up-'))
  const requests = operations().map(({ requestBody, parameters }) => ({ requestBody, parameters }))
  const known = new Set<number>([0, 1, PAIR, Number.MAX_SAFE_INTEGER, LIMITS.outageMsMin + 1, 2 * LIMITS.textCodePointsMax, ...Object.values(LIMITS)])
  const found: number[] = []
  JSON.stringify([up, requests], (keyword, value: unknown) => {
    if (/^(?:min|max)(?:imum|Length|Items)$/.test(keyword)) found.push(value as number)
    return value
  })
  assert.ok(found.length > 80, `${found.length} bounds`)
  assert.deepEqual(
    found.filter((value) => !known.has(value)),
    [],
  )
})

const CODE = 'INVITE-CODE-0001'
const account = { handle: 'duri', displayName: '두리', password: 'a lantern on every hill', deviceName: '전화기' }

/** A good body of each route that has one. */
const BODIES: Readonly<Partial<Record<RouteName, object>>> = {
  checkInvite: { code: CODE },
  signUp: { code: CODE, ...account },
  signIn: { handle: 'nobody', password: account.password, deviceName: '전화기', deviceId: randomUUID() },
  changeProfile: { displayName: '하나' },
  changePassword: { current: 'not the password', next: account.password },
  lookUpHandle: { handle: 'nobody' },
  lookUpPeople: { accountIds: [randomUUID()] },
  createInvite: { validMs: LIMITS.inviteValidMsMin, uses: 1 },
  reportOutages: { outages: [{ id: randomUUID(), agoMs: 0, lastedMs: 6_000, part: 'connection', unsent: 0 }] },
  inviteCanaries: { count: 1 },
  putAside: { seq: 1 },
  report: { id: randomUUID(), reported: { kind: 'person', accountId: randomUUID() }, reason: 'spam', text: '말' },
  closeCase: { act: { kind: 'remove', conversationId: randomUUID() }, note: '말' },
  lookUpForStaff: { handle: 'nobody' },
  setRole: { role: 'member', was: 'moderator', reason: '까닭' },
  suspend: { suspensionId: randomUUID(), forMs: LIMITS.suspensionMsMin, reason: '까닭', appeal: '' },
  liftSuspension: { suspensionId: randomUUID(), reason: '까닭' },
  warn: { text: '조심해 주세요' },
  setReach: { from: 'friends' },
}

interface Operation {
  readonly operationId: RouteName
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
}

function operations(): readonly Operation[] {
  const { paths } = openApi(SERVING) as unknown as { paths: Record<string, Record<string, Operation>> }
  return Object.values(paths).flatMap((methods) => Object.values(methods))
}

test('[W5] the published schema of each request body accepts what the server accepts, at every edge', async (t) => {
  const key = 'k'.repeat(32)
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-edges-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const others = await insertAccounts(directory, LIMITS.inviteesPerEntryMax + 1)
  assert.ok(others[0] !== undefined)
  const server = await startServerProcess(t, { directory, env: { BONGSU_SENTINEL_KEY: key, BONGSU_REGISTRATION: 'open' } })
  const stranger = createApi({ baseUrl: server.url, token: () => null })
  const person = got(await stranger.call('signUp', { body: { ...account, handle: 'hana' } }))
  const ids = [...others.map(({ accountId }) => accountId), ...IDS]
  const bodies = { ...BODIES, createGroup: { id: randomUUID(), title: '봉수대', accounts: [others[0].accountId] } }
  const differences: (Difference & { route: string })[] = []
  let tried = 0
  for (const { operationId, requestBody } of operations()) {
    if (requestBody === undefined) continue
    const { schema } = requestBody.content['application/json']
    const good = bodies[operationId] ?? assert.fail(`${operationId} needs a good body`)
    const check = draft2020.compile(schema)
    assert.ok(check(good), operationId)
    for (const value of edgesOf(schema, good, ids)) {
      // An empty body is no JSON; and nothing is sent that is longer than a request may be.
      const text = JSON.stringify(value)
      const { method, path } = PATHS[operationId]
      const headers: Record<string, string> = {
        authorization: `Bearer ${operationId === 'inviteCanaries' ? key : person.token}`,
        'content-type': 'application/json',
      }
      const answer: Response = await fetch(server.url + path.replaceAll(/:\w+/g, () => randomUUID()), { method, headers, body: text })
      const code = answer.ok ? 'accepted' : ((await answer.json()) as { code: string }).code
      assert.ok(!['internal', 'unauthenticated'].includes(code), `${operationId} ${code}`)
      tried++
      if (check(JSON.parse(text)) !== !SHAPE.has(code))
        differences.push({ route: operationId, value: short(value), schema: check(JSON.parse(text)), server: code })
    }
  }
  assert.ok(tried > 400, `${tried} values`)
  assert.deepEqual(differences, [])
})

test('[W1, W5] the parameters of an address are read exactly as they are published', async (t) => {
  const server = await startTestServer(t, { BONGSU_REQUESTS_PER_MINUTE: '1000000' })
  const { token, accountId } = await server.person('hana')
  const { conversationId } = (await server.ask('openDirect', { token, params: { accountId } })).body as { conversationId: string }
  const differences: (Difference & { route: string })[] = []
  const odd = ['', ' 1', '1 ', '1.0', '1.5', '1e2', '0x10', '+1', '01', '٣', 'NaN', 'true', 'True', 'false', 'null', '1,2', '9007199254740993']
  for (const { operationId, parameters = [] } of operations()) {
    for (const { name, schema } of parameters.filter((one) => one.in === 'query' && operationId !== 'readReports')) {
      const check = draft2020.compile(schema)
      const edges = edgesOf(schema, 1, IDS).filter((value) => typeof value === 'number' || typeof value === 'string')
      for (const text of new Set([...odd, ...edges.map(String)])) {
        const { body } = await server.ask(operationId, {
          token,
          params: { conversationId, accountId },
          query: `?${name}=${encodeURIComponent(text)}`,
        })
        const code = (body as { code?: string } | undefined)?.code ?? 'accepted'
        const valid = valuesOf(text).some((value) => check(value))
        if (valid !== !SHAPE.has(code)) differences.push({ route: `${operationId} ${name}`, value: text, schema: valid, server: code })
      }
    }
  }
  assert.deepEqual(differences, [])
})

/** What a parameter's text says: itself, or the number or truth value whose one spelling it is. */
function valuesOf(text: string): unknown[] {
  if (text === 'true' || text === 'false') return [text, text === 'true']
  return String(Number(text)) === text ? [text, Number(text)] : [text]
}
