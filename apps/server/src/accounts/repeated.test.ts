import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Body, DeviceId } from '@bongsu/protocol'
import { openAccountsWorld, PASSWORD, type AccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { createInvite, listInvites, revokeInvite } from './invites.ts'
import { changePassword, REPEATED_PASSWORD_MS, signIn } from './sign-in.ts'
import { createSignInGuard } from './sign-in-guard.ts'
import { signUpOnce } from './sign-up.ts'

const newCode = (): string => randomBytes(32).toString('base64url')

/** What a device asks for when it never hears the answer. */
async function openWorld(t: Parameters<typeof openAccountsWorld>[0]) {
  const world = await openAccountsWorld(t)
  const guard = createSignInGuard(
    { failuresPerHandle: 100, failuresPerAddress: 100, windowMs: 900_000 },
    createMemoryLimits(world.clock),
    createMemoryLimits(world.clock),
  )
  const maker = await world.join('maker')
  const invite = await createInvite(world, maker.profile.accountId, { validMs: 3_600_000, uses: 1 })
  assert.ok(invite.ok)
  const deviceId = randomUUID() as DeviceId
  const wish: Body<'signUp'> = { code: invite.value.code, handle: 'guest', displayName: '손님', password: PASSWORD, deviceName: '전화', deviceId }
  return {
    world,
    guard,
    maker,
    deviceId,
    wish,
    ask: (changed: Partial<Body<'signUp'>> = {}) => signUpOnce(world, guard, { ...wish, ...changed }, 'invite', '192.0.2.1'),
  }
}

async function countOf(world: AccountsWorld, table: 'accounts' | 'devices'): Promise<number> {
  const [row] = await world.sql.read<{ n: number }>({ sql: `SELECT count(*) AS n FROM ${table}`, parameters: [] })
  return row?.n ?? 0
}

test('[C7] a repeated sign-up signs the same device in to the account made by the first request', async (t) => {
  const { world, ask, deviceId } = await openWorld(t)
  const first = await ask()
  assert.ok(first.ok && first.value.deviceId === deviceId)
  const before = [await countOf(world, 'accounts'), await countOf(world, 'devices')]
  // Pressed again, and pressed again with another handle: the invite is used up, and the account is there.
  for (const changed of [{}, { handle: 'guest2', displayName: '다른 이름' }]) {
    const again = await ask(changed)
    assert.ok(again.ok)
    assert.deepEqual([again.value.deviceId, again.value.profile], [deviceId, first.value.profile])
  }
  assert.deepEqual([await countOf(world, 'accounts'), await countOf(world, 'devices')], before)
})

test('[C7] simultaneous sign-ups of one device are one account', async (t) => {
  const { ask } = await openWorld(t)
  const answers = await Promise.all([ask(), ask(), ask()])
  assert.ok(answers.every((answer) => answer.ok))
  assert.equal(new Set(answers.map((answer) => answer.ok && answer.value.profile.accountId)).size, 1)
})

test('[C7] the id of a device opens no account without its password, and a sign-up of another person is refused as before', async (t) => {
  const { ask } = await openWorld(t)
  assert.ok((await ask()).ok)
  assert.deepEqual(await ask({ password: '다른 사람의 비밀번호' }), { ok: false, code: 'sign-in-failed' })
  assert.deepEqual(await ask({ deviceId: randomUUID() as DeviceId }), { ok: false, code: 'invite-invalid', why: 'used' })
})

test('[C7] a repeated invite is the same invite, a different one of the same code is refused, and it is not counted twice', async (t) => {
  const { world, maker } = await openWorld(t)
  const { accountId } = maker.profile
  const wish = { validMs: 60_000, uses: 5, code: newCode() }
  const first = await createInvite(world, accountId, wish)
  assert.ok(first.ok)
  world.clock.advance(1_000)
  assert.deepEqual(await createInvite(world, accountId, wish), first)
  const both = await Promise.all([createInvite(world, accountId, { ...wish, code: newCode() }), createInvite(world, accountId, wish)])
  assert.ok(both.every((answer) => answer.ok))
  const listed = await listInvites(world, accountId)
  assert.ok(listed.ok && listed.value.invites.length === 3)
  assert.deepEqual(await createInvite(world, accountId, { ...wish, uses: 6 }), { ok: false, code: 'id-conflict' })
  const other = await world.join('other')
  assert.deepEqual(await createInvite(world, other.profile.accountId, wish), { ok: false, code: 'id-conflict' })
  // Revoked meanwhile: the repeated request does not bring it back.
  assert.ok((await revokeInvite(world, accountId, first.value.inviteId)).ok)
  assert.deepEqual(await createInvite(world, accountId, wish), { ok: false, code: 'id-conflict' })
})

test('[C7] a repeated request is answered also when it made the last invite that the account may have', async (t) => {
  const { world, maker } = await openWorld(t)
  const wish = { validMs: 60_000, uses: 1, code: newCode() }
  for (let made = 1; made < 99; made++) assert.ok((await createInvite(world, maker.profile.accountId, { validMs: 60_000, uses: 1 })).ok)
  const last = await createInvite(world, maker.profile.accountId, wish)
  assert.ok(last.ok)
  assert.deepEqual(await createInvite(world, maker.profile.accountId, wish), last)
  assert.deepEqual(await createInvite(world, maker.profile.accountId, { ...wish, code: newCode() }), {
    ok: false,
    code: 'limit-reached',
    limit: 'openInvitesMax',
  })
})

test('[C7] simultaneous requests for one invite make one', async (t) => {
  const { world, maker } = await openWorld(t)
  const wish = { validMs: 60_000, uses: 1, code: newCode() }
  const made = await Promise.all([1, 2, 3].map(() => createInvite(world, maker.profile.accountId, wish)))
  assert.equal(new Set(made.map((answer) => answer.ok && answer.value.inviteId)).size, 1)
})

test('[C7] a repeated change of the password is done, for a quarter of an hour', async (t) => {
  const { world, guard, maker } = await openWorld(t)
  const caller = { accountId: maker.profile.accountId, deviceId: maker.deviceId }
  const change = () => changePassword(world, guard, caller, { current: PASSWORD, next: '새로운 봉수대의 불빛' }, '192.0.2.1')
  assert.ok((await change()).ok)
  world.clock.advance(REPEATED_PASSWORD_MS)
  assert.ok((await change()).ok)
  world.clock.advance(1)
  assert.deepEqual(await change(), { ok: false, code: 'sign-in-failed' })
  const made = await signIn(world, guard, { handle: 'maker', password: '새로운 봉수대의 불빛', deviceName: 'x' }, '192.0.2.1')
  assert.ok(made.ok)
})
