import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId, ClientMessageId, ConversationId, SendBody } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { createMemoryLimits } from '../adapters/memory/limits.ts'
import { createLookups } from '../accounts/lookups.ts'
import { createSignInGuard } from '../accounts/sign-in-guard.ts'
import { createActsOfStaff } from '../conversation/acts-of-staff.ts'
import type { LogStore } from '../conversation/log-store.ts'
import { createActivity } from '../figures/activity.ts'
import { createFigures } from '../figures/figures.ts'
import { NO_QUOTAS } from './quotas.ts'
import { httpHandlers } from './http-handlers.ts'

test('[W4] a member who leaves during a history read sees nothing newer', async (t) => {
  const world = await openAccountsWorld(t)
  const [stayer, leaver] = [await world.join('stayer'), await world.join('leaver')]
  const { log } = world.store
  const caller = { accountId: leaver.profile.accountId, deviceId: leaver.deviceId }
  const guard = createSignInGuard(
    { failuresPerHandle: 9, failuresPerAddress: 9, windowMs: 1_000 },
    createMemoryLimits(world.clock),
    createMemoryLimits(world.clock),
  )
  const figures = createFigures({ clock: world.clock, process: 'p', cell: 'main', isCanary: () => false, isCanaryHandle: () => false })
  for (const step of ['heads', 'read'] as const) {
    const made = await log.createGroup(
      {
        conversationId: randomUUID() as ConversationId,
        author: stayer.profile.accountId,
        id: randomUUID() as ClientMessageId,
        title: '',
        accounts: [caller.accountId],
      },
      1,
    )
    assert.ok(!('code' in made))
    const { conversationId } = made
    const write = async (author: AccountId, body: SendBody): Promise<void> => {
      const [written] = await log.append([{ conversationId, author, id: randomUUID() as ClientMessageId, body }], 1)
      assert.ok(written?.ok)
    }
    const leave = async (at: string): Promise<void> => {
      if (at !== step) return
      await write(caller.accountId, { kind: 'left' })
      await write(stayer.profile.accountId, { kind: 'text', text: '혼자 하는 이야기' })
    }
    const leaving: LogStore = {
      ...log,
      heads: async (...asked) => (await leave('heads'), log.heads(...asked)),
      read: async (...asked) => (await leave('read'), log.read(...asked)),
    }
    const parts = {
      accounts: world,
      guard,
      nameLimits: createMemoryLimits(world.clock),
      lookups: createLookups(world, createMemoryLimits(world.clock)),
      quotas: NO_QUOTAS,
      log: leaving,
      acts: createActsOfStaff({ log: leaving, clock: world.clock, random: world.random }),
      opened: () => undefined,
      appended: () => undefined,
      name: '봉수',
      registration: 'invite',
      statusUrl: null,
      figures,
      activity: createActivity(world, figures),
    } as const
    const answered = await httpHandlers.readHistory(parts, { caller, address: '192.0.2.1', params: { conversationId }, query: {}, body: undefined })
    assert.deepEqual(answered, { ok: false, code: 'not-a-member' }, step)
  }
})
