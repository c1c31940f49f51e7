import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, type AccountId, type Body, type Reply } from '@bongsu/protocol'
import { tellLiftedBars } from '../../apps/server/src/accounts/bars.ts'
import { statement, step } from '../../apps/server/src/accounts/builder.ts'
import { listCases, readCase } from '../../apps/server/src/accounts/cases.ts'
import { closeCase } from '../../apps/server/src/accounts/close-case.ts'
import { readJournal } from '../../apps/server/src/accounts/journal.ts'
import { forgetOldCases, REPORT_BOUNDS, sealOf } from '../../apps/server/src/accounts/report.ts'
import { putAwayNotice } from '../../apps/server/src/accounts/staff.ts'
import { suspensionOf } from '../../apps/server/src/accounts/suspensions.ts'
import { EXIT_USAGE, reports, type ReportsWish } from '../../apps/server/src/staff/reports.ts'
import { worldOf, type World } from './reports-world.ts'
import { accept, itemsOf, makeAccounts, makeGroup, refuse, request, text, withStores, type OpenSubject, type Stores } from './stores.ts'

/** What staff decide in a case, and whom that reaches, on whatever engine. */
export function casesContract(name: string, openSubject: OpenSubject): void {
  const it = (title: string, body: (world: World) => Promise<void>): void => {
    test(`${title} (${name})`, () => withStores(openSubject, async (stores) => body(await worldOf(stores))))
  }
  const suspend = { kind: 'suspend', forMs: 3_600_000, reason: '도배', appeal: 'help@example.kr' } as const
  const codeOf = (answered: { ok: true } | { ok: false; code: string }): string => (answered.ok ? 'ok' : answered.code)
  const noticesOf = async (stores: Stores, account: AccountId): Promise<readonly unknown[]> =>
    (await itemsOf(stores, account)).flatMap(({ kind, value }) => (kind === 'notice' && value !== null ? [value] : []))

  it('[B65, B54] a warning and a suspension decide a case in one transaction, by those who may do them, and whoever may not leaves it open', async (world) => {
    const { parts, tell, bad, reporter, admin, open, stores, clock, told } = world
    const [moderator] = (await makeAccounts(stores, 1)) as [AccountId]
    const give = async (account: AccountId, roles: { role?: 'admin' | 'member'; moderator?: number }) =>
      assert((await stores.sql.atomic([step(parts.db.updateTable('accounts').set(roles).where('account_id', '=', account), 1)])).ok)
    await give(moderator, { moderator: 1 })
    await give(bad, { moderator: 1 })
    const caseOfBad = async (): Promise<string> => {
      assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
      return (await open())[0]?.caseId ?? ''
    }
    const first = await caseOfBad()
    const mayOf = async (by: AccountId) => {
      const read = await readCase(parts, by, first)
      return read.ok ? read.value.may : []
    }
    assert.deepEqual([await mayOf(moderator), await mayOf(admin)], [['none'], ['none', 'warn', 'suspend']])
    for (const act of [suspend, { kind: 'warn', text: '그만' }] as const)
      assert.equal(codeOf(await closeCase(parts, moderator, first, { act })), 'forbidden', 'a moderator acts on no other one')
    assert.equal(codeOf(await closeCase(parts, admin, first, { act: { kind: 'warn', text: ' ' } })), 'text-empty')
    assert.equal((await open()).length, 1)
    told.length = 0
    const warned = await closeCase(parts, admin, first, { act: { kind: 'warn', text: '한 번만 더' }, note: '처음이라' })
    assert(warned.ok)
    assert.deepEqual([warned.value.decision?.done, warned.value.decision?.asked], [true, { kind: 'warn', text: '한 번만 더' }])
    assert.deepEqual(await noticesOf(stores, bad), [{ at: clock.now(), text: '한 번만 더' }])
    assert.equal(told.includes(bad), true)

    await give(bad, { moderator: 0 })
    const second = await caseOfBad()
    const both = await Promise.all([moderator, admin].map(async (by) => codeOf(await closeCase(parts, by, second, { act: suspend }))))
    assert.deepEqual(both.toSorted(), ['case-closed', 'ok'])
    const suspension = await suspensionOf(parts, bad)
    assert.deepEqual([suspension?.until, suspension?.appeal], [clock.now() + suspend.forMs, suspend.appeal])
    const third = await caseOfBad()
    assert.equal(codeOf(await closeCase(parts, admin, third, { act: suspend })), 'acted-already')
    assert.equal((await open())[0]?.decision, null, 'what was refused decides nothing')
    // Who loses the role at this moment decides nothing either.
    const slow = { ...parts, sql: { ...stores.sql, dialect: stores.sql.dialect, read: stores.sql.read.bind(stores.sql), atomic: atomicAfter } }
    async function atomicAfter(steps: Parameters<typeof stores.sql.atomic>[0]): ReturnType<typeof stores.sql.atomic> {
      await give(moderator, { moderator: 0 })
      return stores.sql.atomic(steps)
    }
    assert.equal(codeOf(await closeCase(slow, moderator, third, { act: { kind: 'none' } })), 'forbidden')
    assert.equal((await open())[0]?.decision, null)
    assert.equal(codeOf(await closeCase(parts, moderator, third, { act: { kind: 'none' } })), 'forbidden')
    const { rows } = await readJournal(parts, { limit: 100 })
    const acts = rows.filter(({ kind }) => kind === 'warned' || kind === 'suspended' || kind === 'report-closed').toReversed()
    assert.deepEqual(
      acts.map(({ kind, details }) => [kind, (JSON.parse(details) as { case: string }).case]),
      [
        ['report-closed', first],
        ['warned', first],
        ['report-closed', second],
        ['suspended', second],
      ],
    )
  })

  it('[B65] an interrupted hiding is finished with the messages that were shown, also by who does not say which', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room, clock } = world
    const first = await say(bad, '하나')
    assert.equal(await tell(reporter, aboutMessage(first)), 'ok')
    const caseId = (await open())[0]?.caseId ?? ''
    const upTo = clock.now()
    clock.advance(1)
    const second = await say(bad, '둘')
    assert.equal(await tell(reporter, aboutMessage(second)), 'ok')
    const broken = { ...parts, acts: { ...parts.acts, hide: () => Promise.reject(new Error('killed')) } }
    await assert.rejects(closeCase(broken, admin, caseId, { act: { kind: 'hide', upTo } }), /killed/)
    assert.equal(codeOf(await closeCase(parts, admin, caseId, { act: { kind: 'hide', upTo: upTo + 1 } })), 'case-closed')
    assert.equal(codeOf(await closeCase(parts, admin, caseId, { act: { kind: 'hide' } })), 'ok')
    assert.deepEqual(
      (await stores.log.read(room, first.seq - 1, 2)).map(({ body }) => body.kind),
      ['erased', 'text'],
    )
  })

  it('[B65] an interrupted removal is finished from the same group, and from no other', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room } = world
    const other = await makeGroup(stores, bad, [reporter], '다른 방')
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '하나'))), 'ok')
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '둘', other), other)), 'ok')
    const caseId = (await open())[0]?.caseId ?? ''
    const broken = { ...parts, acts: { ...parts.acts, remove: () => Promise.reject(new Error('killed')) } }
    await assert.rejects(closeCase(broken, admin, caseId, { act: { kind: 'remove', conversationId: room } }), /killed/)
    assert.deepEqual((await open())[0]?.decision?.asked, { kind: 'remove', conversationId: room })
    assert.equal(codeOf(await closeCase(parts, admin, caseId, { act: { kind: 'remove', conversationId: other } })), 'case-closed')
    await accept(stores, text(other, bad, '아직 있어요'))
    assert.equal(codeOf(await closeCase(parts, admin, caseId, { act: { conversationId: room, kind: 'remove' } })), 'ok')
    assert.equal(await refuse(stores, text(room, bad, '아직 있나?')), 'not-a-member')
  })

  it('[B68, B69] who leaves before staff remove them is kept out all the same, and whoever lets them back in is in the journal', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room } = world
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '나쁜 말'))), 'ok')
    await accept(stores, request(room, bad, { kind: 'left' }))
    const [friend] = (await makeAccounts(stores, 1)) as [AccountId]
    await accept(stores, request(room, reporter, { kind: 'invited', accounts: [friend] }))
    const before = (await stores.log.read(room, 0, 100)).length
    const caseId = (await open())[0]?.caseId ?? ''
    assert.equal(codeOf(await closeCase(parts, admin, caseId, { act: { kind: 'remove', conversationId: room } })), 'ok')
    assert.equal((await stores.log.read(room, 0, 100)).length, before, 'nobody is removed who is no member')
    const back = (by: AccountId) => request(room, by, { kind: 'invited', accounts: [bad] })
    assert.equal(await refuse(stores, back(friend)), 'barred')
    await accept(stores, back(reporter))
    await Promise.all([tellLiftedBars(parts), tellLiftedBars(parts)])
    // A bar of the group itself is its own affair.
    await accept(stores, request(room, reporter, { kind: 'removed', accountId: bad, barred: true }))
    await accept(stores, back(reporter))
    await tellLiftedBars(parts)
    const { rows } = await readJournal(parts, { limit: 100 })
    assert.deepEqual(
      rows.filter(({ kind }) => kind === 'bar-lifted').map(({ actor, account_id, details }) => [actor, account_id, JSON.parse(details)]),
      [[reporter, bad, { conversation: room }]],
    )
  })

  it('[B80] who reported is told that it was decided, once, until they put it away or the case is deleted', async (world) => {
    const { parts, tell, bad, reporter, admin, open, clock, stores, told } = world
    const [other] = (await makeAccounts(stores, 1)) as [AccountId]
    await makeGroup(stores, bad, [other])
    for (const by of [reporter, reporter, other]) assert.equal(await tell(by, { kind: 'person', accountId: bad }), 'ok')
    const decide = async (act: Body<'closeCase'>['act']): Promise<string> => {
      const caseId = (await open())[0]?.caseId ?? ''
      told.length = 0
      assert.equal(codeOf(await closeCase(parts, admin, caseId, { act })), 'ok')
      return caseId
    }
    const first = await decide({ kind: 'warn', text: '그만' })
    const [said] = (await noticesOf(stores, reporter)) as { text: string }[]
    assert.match(said?.text ?? '', /[가-힣]/, 'older apps show the text alone')
    const acted = { at: clock.now(), text: said?.text, report: 'acted' }
    assert.deepEqual([await noticesOf(stores, reporter), await noticesOf(stores, other)], [[acted], [acted]])
    assert.deepEqual(new Set(told), new Set([reporter, other, bad]))
    await putAwayNotice(parts, reporter, first)
    assert.deepEqual(await noticesOf(stores, reporter), [])
    // As many as the bound, and no more.
    for (let count = 0; count <= LIMITS.reportAnswersMax; count++) {
      assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
      await decide({ kind: 'none' })
    }
    const kept = await noticesOf(stores, reporter)
    assert.deepEqual([kept.length, kept.at(-1)], [LIMITS.reportAnswersMax, { ...acted, at: clock.now() - 1, report: 'none' }])
    clock.advance(REPORT_BOUNDS.decidedKeptMs + 1)
    told.length = 0
    await forgetOldCases(parts)
    assert.deepEqual([await noticesOf(stores, reporter), await noticesOf(stores, other)], [[], []])
    assert.deepEqual(new Set(told), new Set([reporter, other]))
    assert.equal((await noticesOf(stores, bad)).length, 1, 'a warning stays')
  })

  it('[B84] nothing is decided about an account of the sentinel but that nothing is wrong', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores } = world
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '시험 문장'))), 'ok')
    const canary = parts.db.updateTable('accounts').set({ canary: 1 }).where('account_id', '=', bad)
    assert.ok((await stores.sql.atomic([step(canary, 1)])).ok)
    const caseId = (await open())[0]?.caseId ?? ''
    const close = async (act: Body<'closeCase'>['act']) => codeOf(await closeCase(parts, admin, caseId, { act }))
    assert.deepEqual(
      [await close({ kind: 'warn', text: '그만' }), await close(suspend), await close({ kind: 'hide' })],
      ['not-a-person', 'not-a-person', 'body-invalid'],
    )
    assert.equal(await close({ kind: 'none' }), 'ok')
  })

  it('[B81] of a reported group staff hide what was reported in it, and remove its author, and see nothing of a case about themselves', async (world) => {
    const { parts, say, tell, bad, reporter, admin, aboutMessage, open, stores, room, clock } = world
    await accept(stores, request(room, bad, { kind: 'invited', accounts: [admin] }))
    const theirs = await say(admin, '운영진의 말')
    const entry = await say(bad, '나쁜 말')
    const elsewhere = await makeGroup(stores, bad, [reporter])
    const decided = await say(bad, '괜찮은 말')
    assert.equal(await tell(reporter, aboutMessage(decided)), 'ok')
    const early = (await open())[0]?.caseId ?? ''
    assert.equal(codeOf(await closeCase(parts, admin, early, { act: { kind: 'none' } })), 'ok')
    assert.equal(await tell(reporter, { kind: 'room', conversationId: room }), 'ok')
    const roomCase = (await open())[0]?.caseId ?? ''
    const close = async (act: Body<'closeCase'>['act']) => codeOf(await closeCase(parts, admin, roomCase, { act }))
    assert.equal(await close({ kind: 'hide' }), 'body-invalid', 'what was decided before is over')
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    assert.equal(await tell(reporter, aboutMessage(theirs)), 'ok')
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '다른 방', elsewhere), elsewhere)), 'ok')
    const read = await readCase(parts, admin, roomCase)
    assert(read.ok)
    assert.deepEqual(
      read.value.kept.map(({ message }) => message?.entries.at(-1)?.seq),
      [undefined, entry.seq],
    )
    assert.deepEqual(read.value.may, ['none', 'hide', 'remove'])
    assert.equal(await close({ kind: 'remove', conversationId: room }), 'body-invalid', 'nobody is named')
    assert.equal(await close({ kind: 'remove', conversationId: room, accountId: reporter }), 'body-invalid', 'who wrote nothing that was reported')
    for (const act of [{ kind: 'warn', text: '그만' }, suspend] as const) assert.equal(await close(act), 'body-invalid')
    assert.equal(await close({ kind: 'remove', conversationId: room, accountId: bad }), 'ok')
    assert.equal(await refuse(stores, text(room, bad, '아직 있나?')), 'not-a-member')

    assert.equal(await tell(reporter, { kind: 'room', conversationId: room }), 'ok')
    const again = (await open()).find(({ about }) => about === 'room')?.caseId ?? ''
    const upTo = clock.now()
    clock.advance(1)
    const later = await say(reporter, '나중에 신고된 말')
    assert.equal(await tell(admin, aboutMessage(later)), 'ok')
    assert.equal(codeOf(await closeCase(parts, admin, again, { act: { kind: 'hide', upTo } })), 'ok')
    assert.equal((await stores.log.read(room, later.seq - 1, 1))[0]?.body.kind, 'text', 'nobody hides what came after they looked')
    const bodies = await stores.log.read(room, theirs.seq - 1, 3)
    assert.deepEqual(
      bodies.map(({ body }) => body.kind),
      ['text', 'erased', 'text'],
    )
    assert.equal(
      (await open()).some(({ person }) => person?.accountId === bad),
      true,
      'the cases of the authors stay open',
    )
  })

  it(`[B83] cases beyond ${LIMITS.casesPerPageMax} are on the next page, each once, though some are decided meanwhile`, async (world) => {
    const { parts, tell, reporter, admin, stores } = world
    const many = await makeAccounts(stores, LIMITS.casesPerPageMax + 1)
    for (let at = 0; at < many.length; at += 50) await makeGroup(stores, reporter, many.slice(at, at + 50))
    for (const accountId of many.slice(1)) assert.equal(await tell(reporter, { kind: 'person', accountId }), 'ok')
    const page = async (wanted: Parameters<typeof listCases>[2]) => {
      const listed = await listCases(parts, admin, wanted)
      assert(listed.ok)
      return listed.value
    }
    const whole = await page({})
    assert.deepEqual([whole.cases.length, whole.more], [LIMITS.casesPerPageMax, false], 'a full page, and no more')
    assert.equal(await tell(reporter, { kind: 'person', accountId: many[0]! }), 'ok')
    const first = await page({})
    assert.deepEqual([first.cases.length, first.more, first.open], [LIMITS.casesPerPageMax, true, LIMITS.casesPerPageMax + 1])
    const after = first.cases.at(-1)?.caseId ?? ''
    assert.equal(codeOf(await closeCase(parts, admin, after, { act: { kind: 'none' } })), 'ok')
    const second = await page({ after })
    assert.deepEqual([second.cases.map(({ person }) => person?.accountId), second.more], [[many[0]], false])
    const newest = await page({ decided: true })
    assert.deepEqual([newest.cases.map(({ caseId }) => caseId), (await page({ decided: true, after })).cases], [[after], []])
    assert.deepEqual(await listCases(parts, admin, { after: randomUUID() }), { ok: false, code: 'not-found' })
    const out: string[] = []
    const list = async (wish: ReportsWish): Promise<string> => {
      out.length = 0
      assert.equal(await reports({ ...parts, log: stores.log, out: (line: string) => void out.push(line) }, ['list'], { json: true, ...wish }), 0)
      return out.join('')
    }
    const asked = JSON.parse(await list({ limit: `${LIMITS.casesPerPageMax + 1}` })) as Reply<'listCases'>
    assert.deepEqual([asked.cases.length, asked.more], [LIMITS.casesPerPageMax, false])
    assert.equal((JSON.parse(await list({ limit: '1' })) as Reply<'listCases'>).more, true)
    await assert.rejects(list({ limit: '0' }), /--limit/)
  })

  it('[B61] the seal has chance in it that goes with the copy, and older copies keep theirs', async (world) => {
    const { parts, say, tell, bad, reporter, aboutMessage, open, stores, clock } = world
    const { db } = parts
    assert.equal(await tell(reporter, aboutMessage(await say(bad, '응'))), 'ok')
    const read = async () => (await stores.sql.read<{ copy: string; salt: string; seal: string }>(statement(db.selectFrom('reports').selectAll())))[0]
    const row = await read()
    assert(row)
    assert.match(row.salt, /^[0-9a-f]{64}$/)
    assert.deepEqual([row.seal === sealOf(row.copy, null), row.seal === sealOf(row.copy, row.salt)], [false, true])
    await stores.sql.atomic([step(db.updateTable('reports').set({ salt: null, seal: sealOf(row.copy, null) }), 1)])
    assert.equal((await open())[0]?.kept[0]?.message?.intact, true)
    clock.advance(REPORT_BOUNDS.openKeptMs + 1)
    await forgetOldCases(parts)
    assert.equal(await read(), undefined)
  })

  it('[B65] the operator warns and suspends in a case by a command, and says what the person is told', async (world) => {
    const { parts, tell, say, bad, reporter, aboutMessage, open, stores, room } = world
    const out: string[] = []
    const run = (args: readonly string[], wish: ReportsWish = {}): Promise<number> =>
      reports({ ...parts, log: stores.log, out: (line: string) => void out.push(line) }, args, wish)
    const caseOf = async (): Promise<string> => (await open())[0]?.caseId ?? ''
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    await assert.rejects(run(['close', await caseOf()], { act: 'warn', reason: '도배' }), /--text/)
    assert.equal(await run(['close', await caseOf()], { act: 'warn', text: '그만', reason: '도배' }), 0)
    assert.equal((await noticesOf(stores, bad)).length, 1)
    assert.equal(await tell(reporter, { kind: 'person', accountId: bad }), 'ok')
    await assert.rejects(run(['close', await caseOf()], { act: 'suspend', text: '그만' }), /--for/)
    assert.equal(await run(['show', await caseOf()], { text: '그만' }), EXIT_USAGE)
    assert.equal(await run(['close', await caseOf()], { act: 'suspend', for: '7d', text: '그만', appeal: '전화' }), 0)
    assert.equal((await suspensionOf(parts, bad))?.appeal, '전화')
    const suspended = await listCases(parts, 'operator', { decided: true })
    out.length = 0
    assert.equal(await run(['show', (suspended.ok && suspended.value.cases[0]?.caseId) || '']), 0)
    assert.deepEqual(out.slice(-2), ['Told: 그만', 'To appeal: 전화'])
    const entry = await say(bad, '나쁜 말')
    assert.equal(await tell(reporter, { kind: 'room', conversationId: room }), 'ok')
    const roomCase = await caseOf()
    assert.equal(await tell(reporter, aboutMessage(entry)), 'ok')
    await assert.rejects(run(['close', roomCase], { act: 'remove' }), /--of HANDLE/)
    const [row] = await stores.sql.read<{ handle: string }>(statement(parts.db.selectFrom('accounts').select('handle').where('account_id', '=', bad)))
    assert.equal(await run(['close', roomCase], { act: 'remove', of: row?.handle ?? '' }), 0)
    assert.equal((await stores.log.read(room, 0, 10)).at(-1)?.body.kind, 'removed')
  })
}
