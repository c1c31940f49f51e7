import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { faultInName, faultInTitle, LIMITS } from '@bongsu/protocol'
import fc from 'fast-check'
import { openAccountsWorld, PASSWORD } from '../../../../tests/worlds/accounts-world.ts'
import { STRINGS } from '../../../../tests/spoofing/strings.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { loadMigrations } from '../adapters/sqlite/migrations.ts'
import { addFriend } from './friends.ts'
import { step } from './builder.ts'
import { isReserved, skeleton } from './likeness.ts'
import type { Passwords } from './passwords.ts'
import { changeProfile, mayTitle, tellStaff } from './people.ts'
import { signUp } from './sign-up.ts'

/** Names are tried, not passwords. */
const quick: Passwords = { hash: async (password) => password, matches: async (password, hash) => password === hash }

test('[B30, W7] each name and title of the table is taken or refused', () => {
  const wrong = [
    ...STRINGS.names.map(([text, refusal]) => [
      text,
      refusal,
      faultInName(text, LIMITS.displayNameCodePointsMax) ?? (isReserved(text) ? 'forbidden' : null),
    ]),
    ...STRINGS.titles.map(([text, refusal]) => [text, refusal, faultInTitle(text) ?? (isReserved(text, 'title') ? 'forbidden' : null)]),
  ].filter(([, refusal, found]) => refusal !== found)
  assert.deepEqual(wrong, [])
})

test('[B30, B31] each handle of the table is taken or refused at sign-up', async (t) => {
  const world = await openAccountsWorld(t, quick)
  const join = async (handle: string): Promise<string | null> => {
    const made = await signUp(world, { handle, displayName: '이름', password: PASSWORD, deviceName: '시험' }, 'open')
    return made.ok ? null : made.code
  }
  const clear = async (): Promise<void> => {
    const forget = world.db.deleteFrom('account_items')
    await world.sql.atomic([step(forget), step(world.db.deleteFrom('devices')), step(world.db.deleteFrom('accounts'))])
  }
  for (const [existing, handle, refusal] of STRINGS.handles) {
    await clear()
    if (existing !== null) assert.equal(await join(existing), null)
    assert.equal(await join(handle), refusal, JSON.stringify([existing, handle]))
  }
})

test('[B31] the migration gives handles the likeness that new ones get', () => {
  const sql = loadMigrations().find(({ name }) => name === 'likeness')?.sql ?? ''
  assert.match(sql, /replace\(replace\(replace\(handle, 'm', 'rn'\), '0', 'o'\), '1', 'l'\)/)
  const db = new DatabaseSync(':memory:')
  db.exec(
    `CREATE TABLE accounts (account_key INTEGER PRIMARY KEY, handle TEXT); INSERT INTO accounts (handle) VALUES ('kim0'), ('mina'), ('kimo'), ('rnina')`,
  )
  db.exec(sql)
  assert.deepEqual(
    db
      .prepare('SELECT likeness FROM accounts ORDER BY account_key')
      .all()
      .map(({ likeness }) => likeness),
    ['kirno', 'rnina', null, null],
    'of older handles that look alike the first has it',
  )
  const sign = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789._-'))
  fc.assert(
    fc.property(fc.string({ unit: sign, minLength: 3, maxLength: 20 }), (handle) =>
      assert.equal(skeleton(handle), handle.replaceAll('m', 'rn').replaceAll('0', 'o').replaceAll('1', 'l')),
    ),
  )
})

test('[B30] staff may be called staff, at sign-up and later; a member may not, and keeps the name from before', async (t) => {
  const world = await openAccountsWorld(t, quick)
  const staff = await signUp(
    world,
    { handle: 'admin', displayName: '관리자', password: PASSWORD, deviceName: '시험', code: world.firstAdminCode },
    'invite',
  )
  assert.ok(staff.ok)
  const limits = createMemoryLimits(world.clock)
  const { accountId } = staff.value.profile
  assert.ok((await changeProfile(world, limits, accountId, '운영자')).ok)
  assert.ok(await mayTitle(world, accountId, '관리자'))

  const sign = (displayName: string) => signUp(world, { handle: 'member', displayName, password: PASSWORD, deviceName: '시험' }, 'open')
  const refused = await sign('관\u200b리자')
  assert.equal(!refused.ok && refused.code, 'forbidden')
  const member = await sign('하나')
  assert.ok(member.ok)
  const id = member.value.profile.accountId
  const renamed = await changeProfile(world, limits, id, 'ADMlN')
  assert.equal(!renamed.ok && renamed.code, 'forbidden')
  assert.equal(await mayTitle(world, id, '관리자'), false)
  assert.ok(await mayTitle(world, id, '관리자 모임'))

  await world.sql.atomic([step(world.db.updateTable('accounts').set({ display_name: '관리자' }).where('account_id', '=', id), 1)])
  const kept = await changeProfile(world, limits, id, '관리자')
  assert.ok(kept.ok)
  assert.equal(kept.value.staff, undefined)
})

test('[B32] staff are told as staff wherever a person is told, and again after an older program wrote them down', async (t) => {
  const world = await openAccountsWorld(t, quick)
  const staff = await world.join('admin', world.firstAdminCode)
  const friend = await world.join('friend')
  const { accountId } = staff.profile
  assert.equal(staff.profile.staff, true)
  assert.equal(friend.profile.staff, undefined)
  assert.ok((await addFriend(world, friend.profile.accountId, accountId)).ok)
  const told = async (): Promise<unknown> => {
    const items = await world.items(friend.profile.accountId)
    return items.find(({ kind, key }) => kind === 'friend' && key === accountId)?.value
  }
  const person = { accountId, handle: 'admin', displayName: 'admin', staff: true }
  assert.deepEqual(await told(), person)

  const before = (await world.items(friend.profile.accountId)).length
  world.risen.length = 0
  await tellStaff(world)
  assert.deepEqual(world.risen, [], 'nobody is told again')
  const older = world.db
    .updateTable('account_items')
    .set({ value: JSON.stringify({ accountId, handle: 'admin', displayName: 'admin', role: 'admin' }) })
  await world.sql.atomic([step(older.where('key', 'in', ['', accountId]).where('value', 'like', `%${accountId}%`))])
  assert.notDeepEqual(await told(), person)
  await tellStaff(world)
  assert.deepEqual(await told(), person)
  assert.equal((await world.items(friend.profile.accountId)).length, before)
})
