import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId, type SendBody } from '@bongsu/protocol'
import { insertAccounts, type BareAccount } from './many-accounts.ts'
import { openRaw, type RawSocket } from './raw-socket.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { untilOver } from './until-over.ts'
import { waitFor } from './wait-for.ts'
import { got } from './world.ts'

// A town: one group of as many members as there may be, some hundreds of them connected. The tests build on each other.

const CONNECTED = 400
const all = untilOver()
let server: ServerProcess
let accounts: readonly BareAccount[]
let owner: RawSocket
let room: ConversationId
let connected: readonly RawSocket[]
const at = (place: number): BareAccount => accounts[place] as BareAccount
const idsFrom = (first: number, count: number): AccountId[] => accounts.slice(first, first + count).map((account) => account.accountId)

before(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-town-'))
  all.after(() => rmSync(directory, { recursive: true, force: true }))
  accounts = await insertAccounts(directory, LIMITS.membersMax + 1)
  server = await startServerProcess(all, { directory, env: { BONGSU_FRAMES_PER_SECOND: '5000', BONGSU_FRAMES_BURST: '5000' } })
  owner = await openRaw(all, server.url, at(0).token)
  await owner.next('caught-up')
})

async function write(raw: RawSocket, body: SendBody): Promise<number | string> {
  const id = randomUUID() as ClientMessageId
  const after = raw.frames.length
  raw.say({ t: 'send', id, conversationId: room, body })
  const answer = await waitFor(
    'an answer',
    () => raw.frames.slice(after).find((frame) => (frame.t === 'accepted' || frame.t === 'refused') && frame.id === id),
    { everyMs: 1 },
  )
  return answer.t === 'accepted' ? answer.seq : answer.t === 'refused' ? answer.code : assert.fail()
}

/** The newest number of one entry that the owner was told. */
function numberOf(seq: number): number | undefined {
  const told = owner.frames.findLast((frame) => frame.t === 'unread' && frame.from <= seq && seq < frame.from + frame.counts.length)
  return told?.t === 'unread' ? told.counts[seq - told.from] : undefined
}

async function untilNumber(seq: number, number: number): Promise<void> {
  await waitFor(
    () => `the number ${number} at #${seq}; it is ${numberOf(seq)}`,
    () => numberOf(seq) === number,
    { withinMs: 20_000 },
  )
}

test('[M3] 3,000 come in by hundreds; the one after them is refused as conversation-full', async () => {
  const body = { id: randomUUID() as ClientMessageId, title: '큰 마을', accounts: idsFrom(1, 100) }
  room = got(await at(0).api(server.url).call('createGroup', { body })).conversationId
  await owner.next('reset', (frame) => frame.conversationId === room)
  let seq = 1
  for (let first = 101; first < LIMITS.membersMax; first += 100) {
    const count = Math.min(100, LIMITS.membersMax - first)
    assert.equal(await write(owner, { kind: 'invited', accounts: idsFrom(first, count) }), ++seq)
  }
  assert.equal(await write(owner, { kind: 'invited', accounts: idsFrom(LIMITS.membersMax, 1) }), 'conversation-full')
  connected = await Promise.all(accounts.slice(1, CONNECTED + 1).map((account) => openRaw(all, server.url, account.token)))
  for (const raw of connected) await raw.next('caught-up')
})

test('[W4] the list of members comes in pages, each member once', async () => {
  const seen = new Set<string>()
  let after: AccountId | undefined
  for (let more = true; more;) {
    const query = { limit: LIMITS.peoplePerLookupMax, ...(after === undefined ? {} : { after }) }
    const page = got(
      await at(5)
        .api(server.url)
        .call('listMembers', { params: { conversationId: room }, query }),
    )
    for (const person of page.people) seen.add(person.accountId)
    after = page.people.at(-1)?.accountId
    more = page.more
    assert.ok(page.people.length > 0 && page.people.length <= LIMITS.peoplePerLookupMax)
  }
  assert.deepEqual([...seen].toSorted(), idsFrom(0, LIMITS.membersMax).toSorted())
  const outside = await at(LIMITS.membersMax)
    .api(server.url)
    .call('listMembers', { params: { conversationId: room } })
  assert.equal(!outside.ok && outside.refusal.code, 'not-a-member')
})

test('[R4] the unread number is 2,999 and falls as members read, and as members leave', async () => {
  owner.say({ t: 'watch', conversationId: room, from: 1, to: null })
  const seq = await write(owner, { kind: 'text', text: '마을 여러분' })
  assert.ok(typeof seq === 'number')
  await untilNumber(seq, LIMITS.membersMax - 1)
  const readers = connected.slice(0, 300)
  for (const raw of readers) raw.say({ t: 'read', conversationId: room, seq })
  await untilNumber(seq, LIMITS.membersMax - 1 - readers.length)
  const leavers = connected.slice(-20)
  for (const raw of leavers) assert.equal(typeof (await write(raw, { kind: 'left' })), 'number')
  await untilNumber(seq, LIMITS.membersMax - 1 - readers.length - leavers.length)
  // Room again for the one who was refused, who is not counted for what was said before.
  assert.equal(typeof (await write(owner, { kind: 'invited', accounts: idsFrom(LIMITS.membersMax, 1) })), 'number')
  const next = await write(owner, { kind: 'text', text: '새 이웃도 있습니다' })
  assert.ok(typeof next === 'number')
  await untilNumber(next, LIMITS.membersMax - 1 - leavers.length + 1)
  assert.equal(numberOf(seq), LIMITS.membersMax - 1 - readers.length - leavers.length)
})

test('[D2, O1] what is said reaches every connected member in order, and is accepted quickly', async (t) => {
  const times: number[] = []
  const stay = connected.slice(0, -20)
  const first = Number(await write(owner, { kind: 'text', text: '시작' }))
  for (let count = 0; count < 100; count++) {
    const startedAt = performance.now()
    await write(owner, { kind: 'text', text: `${count}번째 공지` })
    times.push(performance.now() - startedAt)
  }
  const last = first + times.length
  for (const raw of stay) {
    await raw.next('entries', (frame) => frame.conversationId === room && frame.entries.at(-1)?.seq === last)
    const seqs = raw.frames.flatMap((frame) =>
      frame.t === 'entries' && frame.conversationId === room ? frame.entries.map((entry) => entry.seq) : [],
    )
    assert.deepEqual(
      seqs.filter((seq) => seq >= first),
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    )
  }
  const sorted = times.toSorted((a, b) => a - b)
  t.diagnostic(`${stay.length} connected: accepted in ${sorted[50]?.toFixed(1)} ms (p50), ${sorted[98]?.toFixed(1)} ms (p99)`)
  // Far above what it should be: the machine may be busy with other things, but nothing may be quadratic.
  assert.ok((sorted[98] ?? Infinity) < 2_000)
  for (const raw of connected.slice(-20)) assert.ok(!JSON.stringify(raw.frames).includes('번째 공지'), 'who has left hears nothing')
})
