import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS, STAFF_ROLES, type AccountId, type AccountItem, type DeviceId, type StaffRole } from '@bongsu/protocol'
import { createBuilder, statement, step } from '../../apps/server/src/accounts/builder.ts'
import { createInvite, useInvite } from '../../apps/server/src/accounts/invites.ts'
import { deviceSteps, revokeDevice } from '../../apps/server/src/accounts/devices.ts'
import { checkJournal, createJournal, JOURNAL_BOUNDS, readJournal } from '../../apps/server/src/accounts/journal.ts'
import type { AccountsParts, StaffParts } from '../../apps/server/src/accounts/parts.ts'
import { mayAct } from '../../apps/server/src/accounts/staff-table.ts'
import { journalPage, liftSuspension, lookUpForStaff, putAwayNotice, setRole, suspend, warn } from '../../apps/server/src/accounts/staff.ts'
import { endSuspensions, readSuspended, suspensionOf } from '../../apps/server/src/accounts/suspensions.ts'
import { act as actOfOperator } from '../../apps/server/src/staff/act.ts'
import type { Desk } from '../../apps/server/src/staff/desk.ts'
import { showJournal } from '../../apps/server/src/staff/show-journal.ts'
import { createSimulatedClock, type SimulatedClock } from '../worlds/simulated-clock.ts'
import { makeGroup, makePeople, withStores, type OpenSubject, type Stores } from './stores.ts'

interface World {
  readonly stores: Stores
  readonly parts: StaffParts & { readonly clock: SimulatedClock }
  readonly ids: readonly AccountId[]
  /** Of whom other processes were told: accounts, and their devices. */
  readonly suspended: string[]
  readonly handleOf: (accountId: AccountId) => Promise<string>
  readonly roleOf: (accountId: AccountId) => Promise<StaffRole>
  readonly items: (accountId: AccountId) => Promise<readonly AccountItem[]>
  readonly kinds: () => Promise<readonly string[]>
}

const HOUR_MS = 3_600_000
const reason = '욕설'
const NO_WISH = { role: undefined, for: undefined, appeal: undefined } as const
const wish = (forMs: number | null = HOUR_MS, suspensionId: string = randomUUID()) => ({ suspensionId, forMs, reason, appeal: '' })

/** Roles, suspensions and warnings on a database. */
export function staffContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: (world: World) => Promise<void>): void => {
    test(`${title} (${name})`, () =>
      withStores(open, async (stores) => {
        const { sql } = stores
        const db = createBuilder(sql.dialect)
        const clock = createSimulatedClock()
        const suspended: string[] = []
        const parts = {
          sql,
          db,
          clock,
          journal: createJournal({ sql, db, clock }),
          knownNow: () => clock.now(),
          rose: () => undefined,
          suspended: async (accountId: AccountId, deviceIds: readonly DeviceId[]) => void suspended.push(accountId, ...deviceIds),
        }
        // Two administrators, two moderators, two members.
        const ids = await makePeople(stores, 6)
        const give = async (accountId: AccountId, was: StaffRole, role: StaffRole) =>
          assert.equal((await setRole(parts, 'operator', accountId, { role, was, reason })).ok, true)
        for (const [index, role] of (['admin', 'admin', 'moderator', 'moderator'] as const).entries()) await give(ids[index]!, 'member', role)
        const handleOf = async (accountId: AccountId): Promise<string> => {
          const [row] = await sql.read<{ handle: string }>(statement(db.selectFrom('accounts').select('handle').where('account_id', '=', accountId)))
          return row!.handle
        }
        await body({
          stores,
          parts,
          ids,
          suspended,
          handleOf,
          async roleOf(accountId) {
            const sheet = await lookUpForStaff(parts, 'operator', await handleOf(accountId))
            assert(sheet.ok)
            return sheet.value.role
          },
          items: async (accountId) => (await stores.resume.items(accountId, 0, 1_000)).items,
          kinds: async () => (await readJournal(parts, { limit: 100 })).rows.map(({ kind }) => kind).toReversed(),
        })
        const faults: string[] = []
        await checkJournal(parts, (seq, what) => faults.push(`${seq} ${what}`))
        assert.deepEqual(faults, [])
      }))
  }

  it('[B53] a role is told to everybody who sees the account, with the badge, and stays a member’s for older programs', async (world) => {
    const { stores, parts, ids, roleOf, items } = world
    const [admin, , moderator, , member, friend] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId, AccountId]
    await makeGroup(stores, friend, [member])
    assert.equal((await setRole(parts, admin, member, { role: 'moderator', was: 'member', reason })).ok, true)
    assert.equal(await roleOf(member), 'moderator')
    const seen = (await items(friend)).find(({ kind, key }) => kind === 'person' && key === member)?.value
    assert.equal((seen as { staff?: true }).staff, true)
    const own = (await items(member)).find(({ kind }) => kind === 'profile')?.value as { role: string; moderator?: true; staff?: true }
    assert.deepEqual([own.role, own.moderator, own.staff], ['member', true, true])
    assert.equal((await stores.resume.snapshot(await makeGroup(stores, friend, [moderator]), friend, 1))?.meta.people[0]?.staff, true)
    assert.equal((await setRole(parts, admin, member, { role: 'member', was: 'moderator', reason })).ok, true)
    const after = (await items(friend)).find(({ kind, key }) => kind === 'person' && key === member)?.value
    assert.equal('staff' in (after as object), false)
    assert.deepEqual(await setRole(parts, admin, member, { role: 'admin', was: 'moderator', reason }), { ok: false, code: 'acted-already' })
  })

  it('[B53] of two administrators who step down at the same moment one stays', async ({ parts, ids, roleOf }) => {
    const [one, other] = ids as [AccountId, AccountId]
    const down = (who: AccountId) => setRole(parts, who, who, { role: 'member', was: 'admin', reason })
    const results = await Promise.all([down(one), down(other)])
    assert.deepEqual(results.map((result) => (result.ok ? 'done' : result.code)).toSorted(), ['done', 'last-administrator'])
    assert.deepEqual((await Promise.all([roleOf(one), roleOf(other)])).toSorted(), ['admin', 'member'])
  })

  it('[B54] who may act on whom is as the table says, for each pair of roles', async ({ parts, ids }) => {
    const pairs: Readonly<Record<StaffRole, readonly [AccountId, AccountId]>> = {
      admin: [ids[0]!, ids[1]!],
      moderator: [ids[2]!, ids[3]!],
      member: [ids[4]!, ids[5]!],
    }
    for (const by of STAFF_ROLES) {
      for (const on of STAFF_ROLES) {
        const [actor, target] = [pairs[by][0], pairs[on][1]]
        const may = (act: 'warn' | 'suspend' | 'lift'): string => (mayAct(act, by, on) ? 'done' : 'forbidden')
        const said = (result: { ok: true } | { ok: false; code: string }): string => (result.ok ? 'done' : result.code)
        const suspension = wish()
        assert.equal(said(await warn(parts, actor, target, randomUUID(), '그만')), may('warn'), `${by} warns ${on}`)
        assert.equal(said(await suspend(parts, actor, target, suspension)), may('suspend'), `${by} suspends ${on}`)
        const lifted = await liftSuspension(parts, actor, target, { suspensionId: suspension.suspensionId, reason })
        assert.equal(said(lifted), may('lift'), `${by} lifts for ${on}`)
        // To the role that they have: nothing changes.
        const role = await setRole(parts, actor, target, { role: on, was: on, reason })
        assert.equal(said(role), mayAct('set-role', by, on) ? 'acted-already' : 'forbidden', `${by} gives ${on} a role`)
      }
      assert.equal((await journalPage(parts, pairs[by][0], {})).ok, by === 'admin')
      assert.equal((await lookUpForStaff(parts, pairs[by][0], 'nobody')).ok, false)
    }
    const [admin] = pairs.admin
    assert.deepEqual(await suspend(parts, admin, admin, wish()), { ok: false, code: 'forbidden' }, 'nobody suspends themselves')
  })

  it('[B56] of two moderators who act at once one wins, and a repeated request is the same act', async (world) => {
    const { parts, ids, suspended, kinds } = world
    const [, , one, other, member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const before = (await kinds()).length
    const [first, second] = [wish(HOUR_MS), wish(null)]
    const results = await Promise.all([suspend(parts, one, member, first), suspend(parts, other, member, second)])
    assert.deepEqual(results.map((result) => (result.ok ? 'done' : result.code)).toSorted(), ['acted-already', 'done'])
    const winner = results[0].ok ? first : second
    assert.equal((await suspend(parts, one, member, winner)).ok, true, 'the same request once more')
    assert.equal((await suspensionOf(parts, member))?.suspensionId, winner.suspensionId)
    const lifts = await Promise.all([one, other].map((who) => liftSuspension(parts, who, member, { suspensionId: winner.suspensionId, reason })))
    assert.deepEqual(lifts.map((result) => (result.ok ? 'done' : result.code)).toSorted(), ['acted-already', 'done'])
    assert.deepEqual(await suspensionOf(parts, member), null)
    assert.deepEqual(suspended, [member, member])
    assert.deepEqual((await kinds()).slice(before), ['suspended', 'suspension-lifted'])
  })

  it('[B54] who has lost a role while the act is under way is refused', async ({ parts, ids, kinds }) => {
    const [admin, , moderator, , member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const before = (await kinds()).length
    // The role goes between the look at it and the transaction.
    const slow: StaffParts = {
      ...parts,
      sql: {
        ...parts.sql,
        dialect: parts.sql.dialect,
        read: (query) => parts.sql.read(query),
        async atomic(steps) {
          await setRole(parts, admin, moderator, { role: 'member', was: 'moderator', reason })
          return parts.sql.atomic(steps)
        },
      },
    }
    assert.deepEqual(await suspend(slow, moderator, member, wish()), { ok: false, code: 'forbidden' })
    assert.equal(await suspensionOf(parts, member), null)
    assert.deepEqual((await kinds()).slice(before), ['role-changed'])
  })

  it('[B56] a suspension ends by itself at its time, once, and another one may follow', async ({ parts, ids, kinds }) => {
    const { clock } = parts
    const [admin, , , , member, other] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId, AccountId]
    const before = (await kinds()).length
    await suspend(parts, admin, member, wish(HOUR_MS))
    await suspend(parts, admin, other, wish(null))
    clock.advance(HOUR_MS - 1)
    await endSuspensions(parts)
    assert.equal((await readSuspended(parts)).size, 2)
    clock.advance(1)
    assert.deepEqual([...(await readSuspended(parts))], [[other, null]])
    await Promise.all([endSuspensions(parts), endSuspensions(parts)])
    assert.deepEqual((await kinds()).slice(before), ['suspended', 'suspended', 'suspension-ended'])
    assert.equal((await suspend(parts, admin, member, wish(HOUR_MS))).ok, true)
    clock.advance(HOUR_MS)
    assert.equal((await suspend(parts, admin, member, wish(null))).ok, true, 'one whose time is over is in nobody’s way')
    assert.deepEqual(await setRole(parts, admin, member, { role: 'moderator', was: 'member', reason }), { ok: false, code: 'acted-already' })
  })

  it('[B57] a warning reaches its person once, is put away, and is bounded', async ({ parts, ids, items }) => {
    const [admin, , , , member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const notices = async () => (await items(member)).filter(({ kind, value }) => kind === 'notice' && value !== null)
    const id = randomUUID()
    for (let tries = 0; tries < 2; tries++) assert.equal((await warn(parts, admin, member, id, '한 번만 더')).ok, true)
    assert.deepEqual(await notices(), [{ kind: 'notice', key: id, value: { at: parts.clock.now(), text: '한 번만 더' } }])
    for (let tries = 0; tries < 2; tries++) assert.equal((await putAwayNotice(parts, member, id)).ok, true)
    assert.deepEqual(await notices(), [])
    assert.equal((await warn(parts, admin, member, id, '한 번만 더')).ok, true, 'what was put away does not come back')
    assert.deepEqual(await notices(), [])
    for (let count = 0; count < LIMITS.noticesPerAccountMax; count++) assert.equal((await warn(parts, admin, member, randomUUID(), '또')).ok, true)
    assert.deepEqual(await warn(parts, admin, member, randomUUID(), '또'), { ok: false, code: 'limit-reached', limit: 'noticesPerAccountMax' })
    await putAwayNotice(parts, ids[5]!, (await notices())[0]!.key)
    assert.equal((await notices()).length, LIMITS.noticesPerAccountMax, 'another account puts nothing away')
  })

  it('[B84] nobody warns or suspends an account of the sentinel, or gives it a role', async ({ parts, ids, handleOf, kinds }) => {
    const [admin, , , , canary] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const set = parts.db.updateTable('accounts').set({ canary: 1 }).where('account_id', '=', canary)
    assert.equal((await parts.sql.atomic([step(set, 1)])).ok, true)
    const before = (await kinds()).length
    const refused = { ok: false, code: 'not-a-person' }
    for (const by of [admin, 'operator'] as const) {
      assert.deepEqual(await warn(parts, by, canary, randomUUID(), '그만'), refused)
      assert.deepEqual(await suspend(parts, by, canary, wish()), refused)
      assert.deepEqual(await setRole(parts, by, canary, { role: 'moderator', was: 'member', reason }), refused)
    }
    const handle = await handleOf(canary)
    const sheet = await lookUpForStaff(parts, admin, handle)
    assert.deepEqual(sheet.ok && [sheet.value.canary, sheet.value.may], [true, ['lift']])
    await assert.rejects(
      actOfOperator({ ...parts, log: {} as Desk['log'], out: () => undefined }, 'warn', { ...NO_WISH, handle, reason }),
      /sentinel/,
    )
    assert.equal((await kinds()).length, before)
  })

  it('[B82] that a suspension was lifted is told with the devices, by which other processes look', async ({ parts, ids, suspended }) => {
    const [admin, , , , member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const deviceId = randomUUID() as DeviceId
    const device = { name: '시험', createdAt: 1, deviceId }
    const steps = deviceSteps(parts as unknown as AccountsParts, member, device)
    assert.equal((await parts.sql.atomic(steps)).ok, true)
    const suspension = wish()
    await suspend(parts, admin, member, suspension)
    await liftSuspension(parts, admin, member, { suspensionId: suspension.suspensionId, reason })
    assert.deepEqual(suspended, [member, deviceId, member, deviceId])
  })

  it('[B51] revoking ids that are nobody’s devices counts for nothing', async ({ parts, ids, kinds }) => {
    const accounts = { ...parts, revoked: () => undefined } as unknown as AccountsParts
    const before = (await kinds()).length
    for (let count = 0; count <= JOURNAL_BOUNDS.ownPerHourMax; count++)
      assert.deepEqual(await revokeDevice(accounts, ids[5]!, randomUUID() as DeviceId), { ok: false, code: 'not-found' })
    const deviceId = randomUUID() as DeviceId
    await parts.sql.atomic(deviceSteps(accounts, ids[5]!, { name: '시험', createdAt: 1, deviceId }))
    assert.equal((await revokeDevice(accounts, ids[5]!, deviceId)).ok, true)
    await parts.journal.flush()
    assert.deepEqual((await kinds()).slice(before), ['device-revoked'])
  })

  it('[B50] what the operator is shown ends with the number and the hash of the last row', async ({ parts, ids }) => {
    await warn(parts, 'operator', ids[5]!, randomUUID(), '그만')
    const [last] = (await readJournal(parts, { limit: 1 })).rows
    const out: string[] = []
    const desk = { ...parts, log: {} as Desk['log'], out: (line: string) => void out.push(line) }
    assert.equal(await showJournal(desk, { handle: undefined, limit: '1', json: false }), 0)
    assert.equal(out.at(-1), `Its last row is ${last!.seq} ${last!.hash}`)
    out.length = 0
    await showJournal(desk, { handle: undefined, limit: '0', json: true })
    assert.deepEqual((JSON.parse(out.join('')) as { last: unknown }).last, { seq: last!.seq, hash: last!.hash })
  })

  it('[B60] who is reported does not see the rows of the case', async ({ parts, ids }) => {
    const [admin, another] = ids as [AccountId, AccountId]
    await parts.sql.atomic([
      parts.journal.record({ kind: 'report-made', actor: 'system', details: { about: admin, seal: 'x' } }),
      parts.journal.record({ kind: 'report-read', actor: another, account: admin, details: { case: 'c' } }),
    ])
    const kinds = async (by: AccountId) => {
      const page = await journalPage(parts, by, {})
      return page.ok ? page.value.rows.slice(0, 2).map(({ kind }) => kind) : page.code
    }
    assert.deepEqual(
      [await kinds(another), await kinds(admin)],
      [
        ['report-read', 'report-made'],
        ['role-changed', 'role-changed'],
      ],
    )
  })

  it('[B55] invites of a suspended account let nobody in meanwhile', async ({ parts, ids }) => {
    const [admin, , , , member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const accounts = { ...parts, random: { uuid: randomUUID, bytes: randomBytes } } as unknown as AccountsParts
    const made = await createInvite(accounts, member, { uses: 5, validMs: HOUR_MS })
    assert.ok(made.ok)
    const use = async () => (await parts.sql.atomic([useInvite(parts, made.value.code)])).ok
    const suspension = wish()
    assert.equal(await use(), true)
    assert.equal((await suspend(parts, admin, member, suspension)).ok, true)
    assert.equal(await use(), false)
    assert.equal((await liftSuspension(parts, admin, member, { suspensionId: suspension.suspensionId, reason })).ok, true)
    assert.equal(await use(), true)
  })

  it('[B55] a reason has something to see, and is bounded', async ({ parts, ids }) => {
    const [admin, , , , member] = ids as [AccountId, AccountId, AccountId, AccountId, AccountId]
    const of = (text: string) => suspend(parts, admin, member, { ...wish(), reason: text })
    assert.deepEqual(await of(' '), { ok: false, code: 'text-empty' })
    assert.deepEqual(await of('가'.repeat(LIMITS.staffTextCodePointsMax + 1)), { ok: false, code: 'text-too-long' })
    // The longest that JSON makes of it, twice.
    const longest = `가${'\u0001'.repeat(LIMITS.staffTextCodePointsMax - 1)}`
    assert.equal((await suspend(parts, admin, member, { ...wish(), reason: longest, appeal: longest })).ok, true)
    const db = createBuilder(parts.sql.dialect)
    assert.equal((await parts.sql.atomic([step(db.deleteFrom('suspensions'), 1)])).ok, true)
  })
}
