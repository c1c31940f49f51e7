import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { openAccountsWorld, SECRET, PASSWORD, type AccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { statement } from './builder.ts'
import { createCanaries, inviteCanaries } from './canaries.ts'
import { checkInvite, createInvite, inviteFirstAdmin, listInvites } from './invites.ts'
import { signUp } from './sign-up.ts'

async function codes(world: AccountsWorld, count: number): Promise<readonly string[]> {
  const made = await inviteCanaries(world, count)
  assert.ok(made.ok)
  return made.value.codes
}

async function comes(world: AccountsWorld, handle: string, code: string) {
  return signUp(world, { handle, displayName: handle, password: PASSWORD, deviceName: '봉수대', code }, 'invite')
}

test('[F3] a canary is a member, nobody’s friend, and recognised at once and after a restart', async (t) => {
  const world = await openAccountsWorld(t)
  const canaries = createCanaries(world)
  const [code = '', second = ''] = await codes(world, 2)
  const seen = await checkInvite(world, code)
  assert.deepEqual(seen.ok && Object.keys(seen.value).toSorted(), ['expiresAt', 'from', 'role'], 'what it is for is told to nobody')
  const made = await comes(world, 'Beacon.One', code)
  assert.ok(made.ok)
  assert.equal(made.value.profile.role, 'member')
  assert.deepEqual(
    (await world.items(made.value.profile.accountId)).map((item) => item.kind),
    ['profile', 'device'],
  )
  assert.deepEqual(world.canaries, ['beacon.one'])
  assert.equal(canaries.has(made.value.profile.accountId), false)
  await canaries.learn()
  assert.equal(canaries.has(made.value.profile.accountId), true)
  assert.equal(canaries.hasHandle('BEACON.one'), true)
  assert.deepEqual(await comes(world, 'again', code), { ok: false, code: 'invite-invalid', why: 'used' }, 'one invite is one canary')
  world.clock.advance(600_000)
  assert.deepEqual(await comes(world, 'late', second), { ok: false, code: 'invite-invalid', why: 'expired' })
})

test('[F3] a server with canaries alone still waits for its administrator, whose link stays good', async (t) => {
  const world = await openAccountsWorld(t)
  const [code = '', unused = ''] = await codes(world, 2)
  assert.ok((await comes(world, 'beacon', code)).ok)
  const link = await inviteFirstAdmin(world, SECRET)
  assert.notEqual(link, null)
  assert.ok((await checkInvite(world, unused)).ok, 'and making it ended no canary’s invite')
  const admin = await world.join('admin', link ?? '')
  assert.equal(admin.profile.role, 'admin')
  assert.equal(await inviteFirstAdmin(world, SECRET), null)
  assert.ok((await createInvite(world, admin.profile.accountId, { validMs: 60_000, uses: 1 })).ok)
  const listed = await listInvites(world, admin.profile.accountId)
  assert.deepEqual(listed.ok && listed.value.invites.map((invite) => invite.createdBy?.handle), ['admin'], 'canaries’ are no people’s business')
})

test('[F3] at most two hundred canaries, unused invites included, also with simultaneous requests', async (t) => {
  const world = await openAccountsWorld(t)
  const rows = Array.from({ length: LIMITS.canariesMax - 3 }, (_, n) => ({
    account_id: `c${n}`,
    handle: `c${n}`,
    display_name: '',
    password_hash: '',
    role: 'member' as const,
    created_at: 1,
    password_changed_at: 1,
    canary: 1,
  }))
  await world.sql.atomic([statement(world.db.insertInto('accounts').values(rows))])
  const asked = await Promise.all([1, 2, 3, 4].map(() => inviteCanaries(world, 1)))
  assert.deepEqual(
    asked.map((answer) => (answer.ok ? 'ok' : answer.code)),
    ['ok', 'ok', 'ok', 'limit-reached'],
  )
  world.clock.advance(600_000)
  assert.equal((await codes(world, 3)).length, 3, 'those that were not used in time count no longer')
  assert.deepEqual(await inviteCanaries(world, 1), { ok: false, code: 'limit-reached' })
})
