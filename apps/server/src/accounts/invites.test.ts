import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type SignedIn } from '@bongsu/protocol'
import { openAccountsWorld, SECRET, PASSWORD, type AccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { checkInvite, createInvite, inviteFirstAdmin, listInvites, revokeInvite } from './invites.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { changeProfile } from './people.ts'
import { signUp } from './sign-up.ts'

const wish = (handle: string, code?: string) => ({
  handle,
  displayName: handle,
  password: PASSWORD,
  deviceName: '시험',
  ...(code === undefined ? {} : { code }),
})

async function codeOf(pending: ReturnType<typeof signUp>): Promise<string> {
  const made = await pending
  return made.ok ? 'ok' : made.code
}

async function invite(world: AccountsWorld, by: SignedIn, validMs = 60_000, uses = 1) {
  const made = await createInvite(world, by.profile.accountId, { validMs, uses })
  assert.ok(made.ok)
  return made.value
}

test('[W1, D12] the first administrator’s link is valid once, for a day from the last start, and every start gives the same', async (t) => {
  const world = await openAccountsWorld(t)
  world.clock.advance(1_000)
  const starts = await Promise.all([1, 2, 3].map(() => inviteFirstAdmin(world, SECRET)))
  assert.deepEqual(new Set(starts), new Set([world.firstAdminCode]))
  world.clock.advance(86_400_000 - 1)
  const admin = await world.join('admin', world.firstAdminCode)
  assert.equal(admin.profile.role, 'admin')
  assert.equal(await codeOf(signUp(world, wish('again', world.firstAdminCode), 'invite')), 'invite-invalid')
  assert.equal(await inviteFirstAdmin(world, SECRET), null)
})

test('[D12] members who join first, by open registration, leave the link for the first administrator', async (t) => {
  const world = await openAccountsWorld(t)
  await world.join('early')
  const link = await inviteFirstAdmin(world, SECRET)
  assert.equal(link, world.firstAdminCode)
  assert.equal((await world.join('boss', link)).profile.role, 'admin')
  assert.equal(await inviteFirstAdmin(world, SECRET), null)
})

test('[W1] a link for the first administrator that is over, or was made with another secret, is replaced', async (t) => {
  const world = await openAccountsWorld(t)
  const other = (await inviteFirstAdmin(world, new Uint8Array(32).fill(8)))!
  assert.equal(await codeOf(signUp(world, wish('early', world.firstAdminCode), 'invite')), 'invite-invalid')
  world.clock.advance(86_400_000)
  const next = (await inviteFirstAdmin(world, new Uint8Array(32).fill(8)))!
  assert.notEqual(next, other)
  assert.equal(await codeOf(signUp(world, wish('late', other), 'invite')), 'invite-invalid')
  await world.join('admin', next)
})

test('[W1] an invite is valid until its expiry, to the millisecond', async (t) => {
  const world = await openAccountsWorld(t)
  const made = await invite(world, await world.join('maker'), 60_000, 5)
  world.clock.advance(59_999)
  assert.equal((await checkInvite(world, made.code)).ok, true)
  await world.join('intime', made.code)
  world.clock.advance(1)
  assert.deepEqual(await checkInvite(world, made.code), { ok: false, code: 'invite-invalid', why: 'expired' })
  assert.equal(await codeOf(signUp(world, wish('late', made.code), 'invite')), 'invite-invalid')
})

test('[C8] an invite that is no longer valid is refused with the reason, and one that nobody made without', async (t) => {
  const world = await openAccountsWorld(t)
  const maker = await world.join('maker')
  const [used, revoked] = [await invite(world, maker), await invite(world, maker)]
  await world.join('guest', used.code)
  assert.ok((await revokeInvite(world, maker.profile.accountId, revoked.inviteId)).ok)
  const code = 'invite-invalid'
  assert.deepEqual(await checkInvite(world, used.code), { ok: false, code, why: 'used' })
  assert.deepEqual(await signUp(world, wish('late', used.code), 'invite'), { ok: false, code, why: 'used' })
  assert.deepEqual(await checkInvite(world, revoked.code), { ok: false, code, why: 'revoked' })
  assert.deepEqual(await checkInvite(world, 'A'.repeat(43)), { ok: false, code })
})

test('[W1] a used up, revoked or unknown invite is invalid, and only its maker and administrators may revoke it', async (t) => {
  const world = await openAccountsWorld(t)
  const admin = await world.join('admin', world.firstAdminCode)
  const [maker, other] = [await world.join('maker'), await world.join('other')]
  const made = await invite(world, maker, 60_000, 2)
  await world.join('first', made.code)
  const left = await listInvites(world, maker.profile.accountId)
  assert.equal(left.ok && left.value.invites[0]?.usesLeft, 1)
  await world.join('second', made.code)
  assert.equal(await codeOf(signUp(world, wish('third', made.code), 'invite')), 'invite-invalid')
  assert.equal(await codeOf(signUp(world, wish('guess', 'A'.repeat(43)), 'invite')), 'invite-invalid')
  assert.equal(await codeOf(signUp(world, wish('nobody'), 'invite')), 'registration-closed')
  for (const [by, answer] of [
    [other, 'not-found'],
    [admin, 'ok'],
  ] as const) {
    const another = await invite(world, maker)
    const revoked = await revokeInvite(world, by.profile.accountId, another.inviteId)
    assert.equal(revoked.ok ? 'ok' : revoked.code, answer)
    assert.equal((await checkInvite(world, another.code)).ok, answer !== 'ok')
  }
})

test('[M2] of two simultaneous sign-ups with the last use of an invite one succeeds; the other is told why, and its handle stays free', async (t) => {
  const world = await openAccountsWorld(t)
  const maker = await world.join('maker')
  const made = await invite(world, maker)
  const answers = await Promise.all([
    codeOf(signUp(world, wish('left', made.code), 'invite')),
    codeOf(signUp(world, wish('right', made.code), 'invite')),
  ])
  assert.deepEqual(answers.toSorted(), ['invite-invalid', 'ok'])
  const loser = answers[0] === 'ok' ? 'right' : 'left'
  await world.join(loser)
})

test('[M2] of two simultaneous sign-ups with the same handle one succeeds, and the other’s invite is not used up', async (t) => {
  const world = await openAccountsWorld(t)
  const made = await invite(world, await world.join('maker'), 60_000, 2)
  const answers = await Promise.all(['Same', 'same'].map((handle) => codeOf(signUp(world, wish(handle, made.code), 'invite'))))
  assert.deepEqual(answers.toSorted(), ['handle-taken', 'ok'])
  await world.join('other', made.code)
})

const limitOf = async (made: Promise<Awaited<ReturnType<typeof createInvite>>>): Promise<string> => {
  const result = await made
  return result.ok ? 'ok' : (result.limit ?? result.code)
}

test('[B23] the invites of a member are bounded in number and in people, also at the same moment; an administrator lets in more', async (t) => {
  const world = await openAccountsWorld(t)
  const member = (await world.join('member')).profile.accountId
  const admin = (await world.join('admin', world.firstAdminCode)).profile.accountId
  const ask = (uses: number, by = member): Promise<string> => limitOf(createInvite(world, by, { validMs: 7 * 86_400_000, uses }))
  const burst = await Promise.all(Array.from({ length: LIMITS.openInvitesMax + 20 }, () => ask(1)))
  assert.equal(burst.filter((made) => made === 'ok').length, LIMITS.openInvitesMax)
  assert.equal(burst.at(-1), 'openInvitesMax')
  const revokeAll = async (): Promise<void> => {
    const list = await listInvites(world, member)
    if (list.ok) for (const { inviteId } of list.value.invites) await revokeInvite(world, member, inviteId)
  }
  await revokeAll()
  for (let n = LIMITS.openInvitesMax; n < LIMITS.invitesPerDayMax; n++) assert.equal(await ask(1), 'ok')
  await revokeAll()
  assert.equal(await ask(1), 'invitesPerDayMax', 'taking them back gains nothing')
  world.clock.advance(86_400_001)
  assert.equal(await ask(LIMITS.inviteUsesPerDayMax - 1), 'ok')
  assert.deepEqual([await ask(2), await ask(1), await ask(1)], ['inviteUsesPerDayMax', 'ok', 'inviteUsesPerDayMax'])
  world.clock.advance(86_400_001)
  assert.equal(await ask(1), 'inviteUsesPerDayMax', 'those that are open still count')
  assert.deepEqual([await ask(1_000, admin), await ask(1_000, admin)], ['ok', 'ok'])
})

test('[D9] inviter and newcomer become friends, and both account logs say so', async (t) => {
  const world = await openAccountsWorld(t)
  const maker = await world.join('maker')
  const guest = await world.join('guest', (await invite(world, maker)).code)
  assert.ok((await world.items(maker.profile.accountId)).some((item) => item.kind === 'friend' && item.key === guest.profile.accountId))
  assert.ok((await world.items(guest.profile.accountId)).some((item) => item.kind === 'friend' && item.value?.handle === 'maker'))
  assert.ok(world.risen.includes(maker.profile.accountId))
})

test('[D9] an inviter renamed during a sign-up is stored under the new name', async (t) => {
  const world = await openAccountsWorld(t)
  const maker = (await world.join('maker')).profile.accountId
  const made = await createInvite(world, maker, { validMs: 60_000, uses: 1 })
  assert.ok(made.ok)
  const hash: typeof world.passwords.hash = async (password, whom) => {
    assert.ok((await changeProfile(world, createMemoryLimits(world.clock), maker, '새 이름')).ok)
    return world.passwords.hash(password, whom)
  }
  const guest = await signUp({ ...world, passwords: { ...world.passwords, hash } }, wish('guest', made.value.code), 'invite')
  assert.ok(guest.ok)
  const friend = (await world.items(guest.value.profile.accountId)).find(({ kind }) => kind === 'friend')
  assert.deepEqual(friend?.value, { accountId: maker, handle: 'maker', displayName: '새 이름' })
})

test('[W1] handles have three to twenty letters, digits, dots, hyphens, underscores, and are unique regardless of case', async (t) => {
  const world = await openAccountsWorld(t)
  for (const handle of ['ab', 'a'.repeat(21), '-ab', '.ab', 'a b c', '한글이름', 'a/b', 'abc\n', ''])
    assert.equal(await codeOf(signUp(world, wish(handle), 'open')), 'body-invalid', handle)
  for (const handle of ['abc', 'a'.repeat(20), '1.b_c-d']) assert.equal(await codeOf(signUp(world, wish(handle), 'open')), 'ok', handle)
  assert.equal(await codeOf(signUp(world, wish('ABC'), 'open')), 'handle-taken')
})
