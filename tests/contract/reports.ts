import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { faultInBody, LIMITS, type AccountId, type ConversationId, type Entry, type Reply } from '@bongsu/protocol'
import { statement, step } from '../../apps/server/src/accounts/builder.ts'
import { listCases, readCase } from '../../apps/server/src/accounts/cases.ts'
import { closeCase } from '../../apps/server/src/accounts/close-case.ts'
import { readJournal } from '../../apps/server/src/accounts/journal.ts'
import { forgetOldCases, REPORT_BOUNDS } from '../../apps/server/src/accounts/report.ts'
import { EXIT_USAGE, reports, type ReportsWish } from '../../apps/server/src/staff/reports.ts'
import { judgeOwners } from '../checker/owners.ts'
import { worldOf, type World } from './reports-world.ts'
import {
  accept,
  makeAccounts,
  makeDirect,
  makeGroup,
  newAccount,
  newConversation,
  newId,
  refuse,
  request,
  text,
  withStores,
  type OpenSubject,
  type Stores,
} from './stores.ts'

async function erase({ log }: Stores, conversationId: ConversationId, { author, seq, id: subject }: Entry, now: number): Promise<void> {
  const [done] = await log.set([{ conversationId, author, id: newId(), seq, subject, act: { kind: 'erased', value: {} } }], now)
  assert(done?.ok)
}

/** Reports and what staff do with them: B60-B66 of SPEC.md, on whatever engine. */
export function reportsContract(name: string, openSubject: OpenSubject): void {
  const it = (title: string, body: (world: World) => Promise<void>): void => {
    test(`${title} (${name})`, () => withStores(openSubject, async (stores) => body(await worldOf(stores))))
  }

  it('[B60, B61] a message is copied from the log with those before it that the reporter may read, and a seal', async (world) => {
    const { say, tell, bad, reporter, aboutMessage, open, room } = world
    for (let n = 0; n < LIMITS.reportedBeforeMax; n++) await say(reporter, `${n}`)
    const entry = await say(bad, '최저가 상품권 팝니다')
    assert.equal(await tell(reporter, aboutMessage(entry), { text: '매일 올려요' }), 'ok')
    const [only] = await open()
    assert(only)
    assert.deepEqual([only.about, only.person?.accountId, only.reporters, only.earlier], ['person', bad, 1, 0])
    assert.deepEqual(only.reasons, [{ reason: 'spam', reporters: 1 }])
    const [kept] = only.kept
    assert.deepEqual(
      [kept?.text, kept?.message?.title, kept?.message?.kind, kept?.message?.seq],
      ['매일 올려요', '한강서점 손님방', 'group', entry.seq],
    )
    const entries = await world.stores.log.read(room, entry.seq - LIMITS.reportedBeforeMax - 1, LIMITS.reportedBeforeMax + 1)
    assert.deepEqual(kept?.message?.entries, entries, 'as the log has it')
    assert.equal(kept?.message?.intact, true)
    assert.deepEqual(new Set(only.people.map(({ accountId }) => accountId)), new Set([bad, reporter]))
  })

  it('[B61, W4] nothing from before the reporter came is copied, and long texts before are left out', async (world) => {
    const { say, tell, bad, stores, aboutMessage, open, room } = world
    const [late] = (await makeAccounts(stores, 1)) as [AccountId]
    await say(bad, '먼저 한 말')
    const { seq: joinedSeq } = await accept(stores, request(room, bad, { kind: 'invited', accounts: [late] }))
    const long = await say(bad, '가'.repeat(9_000))
    await say(bad, '나'.repeat(9_000))
    const entry = await say(bad, '다'.repeat(LIMITS.textCodePointsMax))
    assert.equal(await tell(late, aboutMessage(long)), 'ok')
    assert.equal(await tell(late, aboutMessage(entry)), 'ok')
    const [first, second] = (await open())[0]?.kept ?? []
    assert.deepEqual(
      first?.message?.entries.map(({ seq }) => seq),
      [joinedSeq, long.seq],
    )
    assert.deepEqual(
      second?.message?.entries.map(({ seq }) => seq),
      [entry.seq - 1, entry.seq],
      'the reported one is whole, whatever its length',
    )
    assert.equal(await tell(late, aboutMessage({ ...entry, seq: joinedSeq - 1 })), 'subject-gone')
  })

  it('[B60] clear answers: erased, never said, one’s own, oneself, a stranger, a room left or of two', async (world) => {
    const { say, tell, bad, reporter, stores, aboutMessage, open, room, clock } = world
    const entry = await say(bad, '지울 말')
    const mine = await say(reporter, '내 말')
    await erase(stores, room, entry, clock.now())
    assert.equal(await tell(reporter, aboutMessage(entry)), 'subject-gone')
    assert.equal(await tell(reporter, aboutMessage({ ...mine, id: newId() })), 'subject-gone', 'another id than that of the seq')
    assert.equal(await tell(reporter, aboutMessage({ ...mine, seq: mine.seq + 1 })), 'subject-gone', 'not there')
    assert.equal(await tell(reporter, aboutMessage(mine)), 'body-invalid')
    const [created] = await stores.log.read(room, 0, 1)
    assert(created)
    assert.equal(await tell(reporter, aboutMessage(created)), 'body-invalid')
    assert.equal(await tell(reporter, { kind: 'person', accountId: reporter }), 'body-invalid')
    const [stranger] = (await makeAccounts(stores, 1)) as [AccountId]
    for (const accountId of [stranger, newAccount()]) assert.equal(await tell(reporter, { kind: 'person', accountId }), 'not-found')
    const direct = await makeDirect(stores, reporter, bad)
    assert.equal(await tell(reporter, { kind: 'room', conversationId: direct }), 'conversation-kind')
    assert.equal(await tell(stranger, { kind: 'room', conversationId: room }), 'not-a-member')
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }, { text: '가'.repeat(LIMITS.reportTextCodePointsMax + 1) }), 'text-too-long')
    const said = await say(bad, '나간 뒤')
    await accept(stores, request(room, reporter, { kind: 'left' }))
    assert.equal(await tell(reporter, aboutMessage(said)), 'not-a-member')
    assert.deepEqual(await open(), [])
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }, { text: '가'.repeat(LIMITS.reportTextCodePointsMax) }), 'ok')
  })

  it('[B62, I6] a copy outlives erasure and edit, and a changed one is seen', async (world) => {
    const { say, tell, bad, reporter, stores, aboutMessage, open, room, clock, parts } = world
    const entry = await say(bad, '욕설')
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    await erase(stores, room, entry, clock.now())
    const message = (await open())[0]?.kept[0]?.message
    assert.deepEqual([message?.entries.at(-1)?.body, message?.intact], [{ kind: 'text', text: '욕설' }, true])
    const [row] = await stores.sql.read<{ copy: string }>(statement(parts.db.selectFrom('reports').select('copy')))
    assert(row)
    await stores.sql.atomic([step(parts.db.updateTable('reports').set({ copy: row.copy.replace('욕설', '칭찬') }), 1)])
    assert.equal((await open())[0]?.kept[0]?.message?.intact, false)
  })

  it('[B60, B63] one case for a person, one for a group; a repeated report counts once, also at once', async (world) => {
    const { say, tell, bad, reporter, aboutMessage, open, room, stores } = world
    const [other] = (await makeAccounts(stores, 1)) as [AccountId]
    await accept(stores, request(room, bad, { kind: 'invited', accounts: [other] }))
    const entry = await say(bad, '도배')
    const id = newId()
    await Promise.all([1, 2, 3].map(() => tell(reporter, aboutMessage(entry), { id })))
    assert.equal(await tell(reporter, aboutMessage(entry), { id }), 'ok')
    assert.equal(await tell(other, { kind: 'person', accountId: bad }, { reason: 'harassment' }), 'ok')
    assert.equal(await tell(other, { kind: 'person', accountId: bad }, { reason: 'spam' }), 'ok')
    assert.equal(await tell(other, { kind: 'room', conversationId: room }), 'ok')
    const cases = await open()
    const person = cases.find(({ about }) => about === 'person')
    assert.equal(cases.length, 2)
    assert.deepEqual([person?.reporters, person?.kept.length], [2, 3])
    assert.deepEqual(person?.reasons, [
      { reason: 'spam', reporters: 2 },
      { reason: 'harassment', reporters: 1 },
    ])
    assert.deepEqual(cases.find(({ about }) => about === 'room')?.room, { conversationId: room, title: '한강서점 손님방' })
  })

  it(`[B63] of a case ${REPORT_BOUNDS.keptPerCaseMax} reports are kept whole, ${REPORT_BOUNDS.keptPerReporterMax} of one account; all are counted`, async (world) => {
    const { say, tell, bad, aboutMessage, open, stores, reporter, room } = world
    const many = await makeAccounts(stores, REPORT_BOUNDS.keptPerCaseMax)
    await accept(stores, request(room, bad, { kind: 'invited', accounts: many }))
    const entry = await say(bad, '도배')
    for (let n = 0; n <= REPORT_BOUNDS.keptPerReporterMax; n++) assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    assert.equal((await open())[0]?.kept.length, REPORT_BOUNDS.keptPerReporterMax)
    for (const one of many) assert.equal(await tell(one, aboutMessage(entry)), 'ok')
    const [only] = await open()
    assert.deepEqual([only?.kept.length, only?.reporters], [REPORT_BOUNDS.keptPerCaseMax, many.length + 1])
  })

  it('[B62] members read nothing, and staff nothing about themselves', async ({ parts, tell, reporter, bad, admin, stores }) => {
    await makeGroup(stores, admin, [reporter])
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    assert.equal(await tell(reporter, { kind: 'person', accountId: admin }), 'ok')
    const forbidden = { ok: false, code: 'forbidden' }
    assert.deepEqual(await listCases(parts, reporter, {}), forbidden)
    const all = await listCases(parts, 'operator', {})
    const seen = await listCases(parts, admin, {})
    assert(all.ok && seen.ok)
    assert.deepEqual([all.value.open, seen.value.open, seen.value.cases.length], [2, 1, 1])
    assert.equal(seen.value.cases[0]?.person?.accountId, bad)
    const own = all.value.cases.find(({ person }) => person?.accountId === admin)?.caseId ?? ''
    const missing = { ok: false, code: 'not-found' }
    assert.deepEqual(await readCase(parts, admin, own), missing)
    assert.deepEqual(await closeCase(parts, admin, own, { act: { kind: 'none' } }), missing)
    assert.deepEqual(await readCase(parts, reporter, own), forbidden)
    assert.deepEqual(await closeCase(parts, reporter, own, { act: { kind: 'none' } }), forbidden)
    assert.equal((await readCase(parts, 'operator', own)).ok, true)
  })

  it('[B65, B66] a decision hides the reported messages for everybody, also of somebody who left, and long ago', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room, clock } = world
    const entry = await say(bad, '나쁜 말')
    const other = await say(bad, '좋은 말')
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    await accept(stores, request(room, bad, { kind: 'left' }))
    clock.advance(10 * LIMITS.eraseMsMax)
    const caseId = (await open())[0]?.caseId ?? ''
    const closed = await closeCase(parts, admin, caseId, { act: { kind: 'hide' }, note: '도배' })
    assert(closed.ok)
    assert.deepEqual(
      { ...closed.value.decision, by: closed.value.decision?.by?.accountId },
      { act: 'hide', asked: { kind: 'hide' }, note: '도배', by: admin, at: clock.now(), done: true },
    )
    const [hidden, left] = await stores.log.read(room, entry.seq - 1, 2)
    assert.deepEqual([hidden?.body, left?.body], [{ kind: 'erased', by: 'staff' }, other.body])
    const { items } = await stores.log.items(room, 0, 10)
    assert.deepEqual(items, [{ kind: 'erased', key: `${entry.seq}`, change: 1, value: { by: 'staff' } }])
    assert.deepEqual(await open(), [])
    const listed = await listCases(parts, admin, { decided: true })
    assert.equal(listed.ok && listed.value.cases[0]?.caseId, caseId)
  })

  it('[B67] staff remove the reported person from a group, also its host, who is followed and may not come back', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room } = world
    const direct = await makeDirect(stores, reporter, bad)
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '둘만의 말', direct), direct)), 'ok')
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '나쁜 말'))), 'ok')
    const caseId = (await open())[0]?.caseId ?? ''
    for (const conversationId of [direct, newConversation()]) {
      const answered = await closeCase(parts, admin, caseId, { act: { kind: 'remove', conversationId } })
      assert.deepEqual(answered, { ok: false, code: 'body-invalid' }, 'no group of this case')
    }
    assert.equal((await closeCase(parts, admin, caseId, { act: { kind: 'remove', conversationId: room } })).ok, true)
    const entries = await stores.log.read(room, 0, 100)
    const last = entries.at(-1)
    assert.deepEqual([last?.author, last?.body], [bad, { kind: 'removed', accountId: bad, barred: true, by: 'staff', host: reporter }])
    assert.deepEqual(judgeOwners(room, entries), { found: [], owners: { host: reporter, deputies: [], rights: {} } })
    assert.equal(await refuse(stores, text(room, bad, '아직 있나?')), 'not-a-member')
    const [friend] = (await makeAccounts(stores, 1)) as [AccountId]
    await accept(stores, request(room, reporter, { kind: 'invited', accounts: [friend] }))
    assert.equal(await refuse(stores, request(room, friend, { kind: 'invited', accounts: [bad] })), 'barred')
    await parts.acts.remove({ conversationId: room, accountId: bad })
    assert.equal((await stores.log.read(room, 0, 100)).length, entries.length + 1, 'who is no member stays so')
    assert.equal(faultInBody({ kind: 'removed', accountId: bad, barred: true, by: 'staff' }), 'body-invalid', 'no device can ask for it')
  })

  it('[B65] of two decisions at once one counts, and an interrupted one is done by the next', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room, clock } = world
    const entry = await say(bad, '나쁜 말')
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    const caseId = (await open())[0]?.caseId ?? ''
    const broken = { ...parts, acts: { ...parts.acts, hide: () => Promise.reject(new Error('killed')) } }
    await assert.rejects(closeCase(broken, admin, caseId, { act: { kind: 'hide' } }), /killed/)
    assert.equal((await open())[0]?.decision?.done, false, 'it stays in the queue')
    const closed = { ok: false, code: 'case-closed' }
    assert.deepEqual(await closeCase(parts, 'operator', caseId, { act: { kind: 'hide' } }), closed, 'it may be under way')
    clock.advance(REPORT_BOUNDS.actMsMax)
    assert.deepEqual(await closeCase(parts, 'operator', caseId, { act: { kind: 'none' } }), closed)
    assert.equal((await closeCase(parts, 'operator', caseId, { act: { kind: 'hide' } })).ok, true)
    assert.equal((await stores.log.read(room, entry.seq - 1, 1))[0]?.body.kind, 'erased')
    assert.deepEqual(await closeCase(parts, admin, caseId, { act: { kind: 'hide' } }), closed)

    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    const [next] = await open()
    assert.deepEqual([next?.earlier, next?.caseId === caseId], [1, false], 'a report after the decision is a new case')
    const both = await Promise.all([admin, 'operator' as const].map((by) => closeCase(parts, by, next?.caseId ?? '', { act: { kind: 'none' } })))
    assert.deepEqual(both.map((one) => (one.ok ? 'ok' : one.code)).toSorted(), ['case-closed', 'ok'])
    assert.deepEqual(await closeCase(parts, admin, randomUUID(), { act: { kind: 'none' } }), { ok: false, code: 'not-found' })
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    const without = (await open())[0]?.caseId ?? ''
    assert.deepEqual(await closeCase(parts, admin, without, { act: { kind: 'hide' } }), { ok: false, code: 'body-invalid' }, 'no message to hide')
  })

  it('[B62, B65] the operator lists, shows and decides by a command, which refuses what it does not understand', async (world) => {
    const { parts, say, tell, bad, reporter, aboutMessage, stores, room } = world
    const out: string[] = []
    const run = (args: readonly string[], wish: ReportsWish = {}): Promise<number> =>
      reports({ ...parts, log: stores.log, out: (line: string) => void out.push(line) }, args, wish)
    const entry = await say(bad, '나쁜 말')
    assert.equal(await tell(reporter, aboutMessage(entry), { text: '보세요' }), 'ok')
    assert.equal(await run([]), 0)
    assert.match(out.join(''), /1 people: spam 1.*1 cases wait/)
    const caseId = out[0]?.slice(0, 36) ?? ''
    out.length = 0
    assert.equal(await run(['show', caseId.slice(0, 8)]), 0)
    assert.match(out.join(' '), /보세요.*나쁜 말.*as sealed/)
    for (const args of [['show'], ['close', caseId], ['open', caseId], ['show', caseId, 'more']]) assert.equal(await run(args), EXIT_USAGE)
    for (const wish of [{ act: 'none' }, { reason: 'x' }]) assert.equal(await run(['show', caseId], wish), EXIT_USAGE)
    assert.equal(await run(['close', caseId], { act: 'suspend it' }), EXIT_USAGE)
    await assert.rejects(run(['show', '0000']), /no such case/)
    assert.equal(await run(['close', caseId], { act: 'remove', reason: '도배' }), 0)
    assert.deepEqual((await stores.log.read(room, 0, 10)).at(-1)?.body.kind, 'removed')
    await assert.rejects(run(['close', caseId], { act: 'hide' }), /Somebody else/)
    out.length = 0
    assert.equal(await run(['list'], { decided: true, json: true }), 0)
    assert.equal((JSON.parse(out.join('')) as Reply<'listCases'>).cases[0]?.decision?.note, '도배')
    await stores.sql.atomic([step(parts.db.updateTable('reports').set({ copy: '[]' }), 1)])
    assert.equal(await run(['show', caseId]), 1, 'the copy was changed')
  })

  it('[B50, B62] each opening, decision and hiding is in the journal, and not who reported', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open } = world
    const entry = await say(bad, '나쁜 말')
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    const listed = await listCases(parts, admin, {})
    const caseId = (listed.ok && listed.value.cases[0]?.caseId) || ''
    assert.equal((await readCase(parts, admin, caseId)).ok, true)
    assert.equal((await closeCase(parts, admin, caseId, { act: { kind: 'hide' }, note: '도배' })).ok, true)
    const { rows } = await readJournal(parts, { limit: 10 })
    assert.deepEqual(
      rows.slice(0, 4).map(({ kind, actor, account_id: about }) => [kind, actor, about]),
      [
        ['message-hidden', admin, bad],
        ['report-closed', admin, bad],
        ['report-read', admin, bad],
        ['report-made', 'system', null],
      ],
    )
    assert.equal(JSON.stringify(rows).includes(reporter), false)
    assert.match(rows[3]?.details ?? '', /"seal":"[0-9a-f]{64}"/)
    assert.deepEqual(await open(), [])
  })

  it('[B62] a decided case is kept for 90 days, an open one for a year after its last report, and no longer', async (world) => {
    const { parts, tell, bad, reporter, admin, open, clock, room } = world
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    const caseId = (await open())[0]?.caseId ?? ''
    assert.equal(await tell(reporter, { kind: 'room', conversationId: room }), 'ok')
    assert.equal((await closeCase(parts, admin, caseId, { act: { kind: 'none' } })).ok, true)
    const kept = async (): Promise<readonly [decided: number | undefined, open: number]> => {
      await forgetOldCases(parts)
      const decided = await listCases(parts, admin, { decided: true })
      return [decided.ok ? decided.value.cases.length : undefined, (await open()).length]
    }
    clock.advance(REPORT_BOUNDS.decidedKeptMs)
    assert.deepEqual(await kept(), [1, 1])
    clock.advance(1)
    assert.deepEqual(await kept(), [0, 1])
    clock.advance(REPORT_BOUNDS.openKeptMs - REPORT_BOUNDS.decidedKeptMs - 1)
    assert.deepEqual(await kept(), [0, 1])
    clock.advance(1)
    assert.deepEqual(await kept(), [0, 0])
  })
}
