import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request as httpRequest, Agent } from 'node:http'
import { join } from 'node:path'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { REFUSALS, type ConversationId, type DeviceId, type DownFrame, type RouteName } from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { ROUTES, type Route } from '@bongsu/protocol/schemas'
import { FRAMES as DECODED, partsOf, SEED } from '../fuzz/amount.ts'
import { arbitraryOf, scratched, spoiled, strange } from '../fuzz/arbitrary-of.ts'
import { anyFrames } from '../fuzz/frames.ts'
import { startBystanders, type Bystanders } from './bystanders.ts'
import { openRaw, type RawSocket } from './raw-socket.ts'
import { readMetric } from './read-metric.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { forgeToken, insertDevices } from './tokens.ts'
import { untilOver } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { makeGroup, makePeople, type Person } from './world.ts'

// A running server is told every kind of nonsense, half of it nearly right. FUZZ=1000000 is the long run, FUZZ_SEED sees one again.

/** A frame over a socket costs twenty times as much as one that is only decoded. */
const FRAMES = Math.ceil(DECODED / 2)

const all = untilOver()
let server: ServerProcess
let people: readonly Person[]
let room: ConversationId
let bystanders: Bystanders
let known: readonly string[]
/** So many that none comes again before it may. */
let devices: readonly DeviceId[]
let nextDevice = 0
const person = (place: number): Person => people[place] as Person
const RSS_BYTES_MAX = 200 * 1_048_576

before(async () => {
  server = await startServerProcess(all, { env: { BONGSU_FRAMES_PER_SECOND: '1000000', BONGSU_FRAMES_BURST: '1000000' } })
  people = await makePeople(server, 4)
  room = await makeGroup(person(0), '', [person(1)])
  bystanders = await startBystanders(all, server.url, person(2), person(3))
  devices = insertDevices(server.directory, person(0).accountId, 2_000)
  known = [room, room, room, person(0).accountId, person(1).accountId, person(0).deviceId]
})

/** What is asked of it is judged by the server's own figures too: nothing was a fault, and memory came to rest. */
async function unharmed(pid: number, rssBefore: number): Promise<number> {
  await bystanders.stillTalk()
  assert.equal(server.pid, pid, 'it is the same process')
  assert.equal(await readMetric(server.url, 'bongsu_failures_total'), 0, server.said.slice(-2_000))
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  assert.doesNotMatch(metrics, /code="internal"|status="500"/)
  const grownBytes = (await readMetric(server.url, 'process_resident_memory_bytes')) - rssBefore
  assert.ok(grownBytes < RSS_BYTES_MAX, `${Math.round(grownBytes / 1_048_576)} MiB more`)
  return grownBytes
}

/** Refused frames after which a connection is closed are 20; with fewer in a batch each answer can be counted. */
const BATCH = 15
const WORKERS = 8

test(`[W1, O1] ${FRAMES} frames over real sockets: each bad one gets a refusal with a code, and the others talk on`, async (t) => {
  const { pid } = server
  const rssBefore = await readMetric(server.url, 'process_resident_memory_bytes')
  const counts = { sent: 0, bad: 0, connections: 0 }
  const types = new Map<string, number>()
  // Not `left`: whoever has left can do little more. `hello` is left to strangers: a second one is refused whatever is in it.
  const frames = fc.array(
    anyFrames(known, (type) => type !== 'hello'),
    { minLength: BATCH, maxLength: BATCH },
  )
  const helloes = fc.array(
    anyFrames(known, (type) => type === 'hello'),
    { minLength: 3, maxLength: 3 },
  )

  async function turn(place: number): Promise<void> {
    const [batch, knocks] = fc.sample(fc.tuple(frames, helloes), { numRuns: 1, seed: SEED + place })[0] as [string[], string[]]
    const ends: (() => void)[] = []
    const end = { after: (run: () => void): void => void ends.push(run) }
    const stranger = place % 4 === 0
    const raw = await openRaw(end, server.url, stranger ? null : forged())
    counts.connections++
    if (!stranger) await raw.next('caught-up')
    await judgeAnswers(raw, stranger ? knocks : batch.filter((text) => !text.includes('"left"')), stranger)
    for (const one of ends) one()
  }

  async function judgeAnswers(raw: RawSocket, texts: readonly string[], stranger: boolean): Promise<void> {
    const after = raw.frames.length
    const bad = texts.filter((text) => !decodeUp(text).ok).length
    counts.sent += texts.length
    counts.bad += bad
    for (const text of texts) raw.sendRaw(text)
    if (stranger) await waitFor('an answer to each', () => raw.frames.length - after >= bad || raw.closeCode !== null, { everyMs: 1 })
    else {
      raw.say({ t: 'ping', n: 4_242_424 })
      await waitFor('the end of the batch', () => raw.frames.slice(after).some((frame) => frame.t === 'pong' && frame.n === 4_242_424), {
        everyMs: 1,
      })
    }
    const answers = raw.frames.slice(after)
    for (const answer of answers) {
      types.set(answer.t, (types.get(answer.t) ?? 0) + 1)
      if (answer.t === 'refused') assert.ok(Object.hasOwn(REFUSALS, answer.code) && answer.code !== 'internal', JSON.stringify(answer))
    }
    const refused = answers.filter((answer: DownFrame) => answer.t === 'refused').length
    assert.ok(refused >= bad || raw.closeCode !== null, `${bad} bad frames, ${refused} refused, ${JSON.stringify(texts)}`)
    if (!stranger) assert.equal(raw.closeCode, null)
  }

  let next = 0
  const worker = async (): Promise<void> => {
    for (let place = next++; counts.sent < FRAMES; place = next++) {
      await turn(place).catch((cause: unknown) => assert.fail(`FUZZ_SEED=${SEED}, turn ${place}: ${String(cause)}`))
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  const grownBytes = await unharmed(pid, rssBefore)
  t.diagnostic(
    `seed ${SEED}: ${counts.sent} frames on ${counts.connections} connections, ${counts.bad} bad; answers: ` +
      `${[...types].map(([type, count]) => `${type} ${count}`).join(', ')}; resident memory ${signed(grownBytes)} MiB`,
  )
  assert.ok(counts.sent >= FRAMES, `${counts.sent} sent`)
  assert.ok(counts.bad > FRAMES / 4, `${counts.bad} bad`)
})

/** A device of the first person that nobody else uses now, so that no connection takes another's place. */
function forged(): string {
  const deviceId = devices[nextDevice++ % devices.length] as DeviceId
  const key = Buffer.from(readFileSync(join(server.directory, 'token.key'), 'utf8').trim(), 'base64url')
  return forgeToken({ accountId: person(0).accountId, deviceId, key, expiresInS: 3_600 })
}

function signed(bytes: number): string {
  const mebibytes = Math.round(bytes / 1_048_576)
  return mebibytes < 0 ? String(mebibytes) : `+${mebibytes}`
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Requests to one route, good and spoiled. Signing up and in costs a hash of a tenth of a second, so those are nearly always spoiled. */
function requestsTo(name: RouteName): fc.Arbitrary<Asked> {
  const route: Route = ROUTES[name]
  const params = route.params === undefined ? fc.constant({}) : arbitraryOf(route.params, known)
  const query = route.query === undefined ? fc.oneof(fc.constant({}), strange) : spoiled(arbitraryOf(route.query, known))
  const body = route.body === undefined ? fc.oneof(fc.constant(undefined), strange) : spoiled(arbitraryOf(route.body, known))
  const oddPath = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.string({ maxLength: 200 }) })
  const text = fc.oneof(
    { weight: 4, arbitrary: body.map((value) => (value === undefined ? null : JSON.stringify(value))) },
    { weight: 1, arbitrary: scratched(body.map((value) => JSON.stringify(value) ?? '')) },
  )
  const type = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'nonsense',
  )
  const token = fc.oneof(
    { weight: 8, arbitrary: fc.constant('good') },
    { weight: 1, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.base64String({ maxLength: 3_000 }) },
  )
  const method = fc.oneof(
    { weight: 15, arbitrary: fc.constant<string>(route.method) },
    { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND') },
  )
  return fc.record({ params, query, text, type, token, method, oddPath }).map((made) => {
    const values = made.params as Readonly<Record<string, string>>
    const path = route.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent((made.oddPath ?? values[key] ?? '').toWellFormed()))
    const pairs =
      typeof made.query === 'object' && made.query !== null
        ? Object.entries(made.query).map(([key, value]) => [key, JSON.stringify(value) ?? ''])
        : []
    const search = pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString().slice(0, 4_000)}`
    return {
      method: made.method,
      path: path + search,
      headers: {
        'content-type': made.type,
        ...(made.token === '' ? {} : { authorization: `Bearer ${made.token === 'good' ? forged() : made.token}` }),
      },
      body: made.text,
    }
  })
}

const agent = new Agent({ keepAlive: true, maxSockets: WORKERS })

function ask({ method, path, headers, body }: Asked): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    // Said even where a body is unusual: without it, it would be read as the next request.
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = httpRequest(`${server.url}${path}`, { method, headers: { ...headers, ...length }, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (more: string) => (text += more))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

const REQUESTS = Math.ceil(DECODED / 8)

test(`[W1, O1] ${REQUESTS} requests over HTTP, good and spoiled: an answer or a refusal with its code and status, never a fault`, async (t) => {
  const { pid } = server
  const rssBefore = await readMetric(server.url, 'process_resident_memory_bytes')
  const statuses = new Map<number, number>()
  const names = Object.keys(ROUTES) as RouteName[]
  const dear = new Set<RouteName>(['signUp', 'signIn', 'changePassword'])
  const requests = fc.oneof(...names.map((name) => ({ weight: dear.has(name) ? 1 : 6, arbitrary: requestsTo(name) })))
  async function worker(asking: readonly Asked[], seed: number, first: number): Promise<void> {
    for (const [place, asked] of asking.entries()) {
      if (place % WORKERS !== first) continue
      const { status, text } = await ask(asked)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const where = `FUZZ_SEED=${seed}, request ${place}: ${asked.method} ${asked.path.slice(0, 200)} ${asked.body?.slice(0, 200)} -> ${status} ${text.slice(0, 200)}`
      assert.ok(status < 500 || status === 503, where)
      if (status < 400 || asked.method === 'HEAD') continue
      assert.notEqual(text, '', where)
      const { code } = JSON.parse(text) as { code: keyof typeof REFUSALS }
      assert.ok(Object.hasOwn(REFUSALS, code), where)
      assert.equal(REFUSALS[code].status, status, where)
    }
  }
  for (const [numRuns, seed] of partsOf(REQUESTS)) {
    const asking = fc.sample(requests, { numRuns, seed })
    await Promise.all(Array.from({ length: WORKERS }, (_, first) => worker(asking, seed, first)))
  }
  agent.destroy()
  const grownBytes = await unharmed(pid, rssBefore)
  t.diagnostic(
    `seed ${SEED}: ${[...statuses]
      .toSorted(([a], [b]) => a - b)
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}; resident memory ${signed(grownBytes)} MiB`,
  )
  assert.ok((statuses.get(200) ?? 0) > REQUESTS / 50 && (statuses.get(422) ?? 0) > REQUESTS / 50)
})
