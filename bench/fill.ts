import { randomUUID } from 'node:crypto'
import type { AccountId, ClientMessageId, ConversationId, DeviceId } from '@bongsu/protocol'
import { LIMITS } from '@bongsu/protocol'
import { createBuilder, step } from '../apps/server/src/accounts/builder.ts'
import { createTokens } from '../apps/server/src/accounts/tokens.ts'
import { openStore } from '../apps/server/src/storage.ts'
import type { Store } from '../apps/server/src/store/store.ts'
import type { DevicePlan } from './jobs.ts'

/** Rows in one statement. */
const ROWS = 500
/** Calls to the store at a time, so that they share commits. */
const AT_ONCE = 500
/** Messages of one call: with AT_ONCE calls, half of what the store lets wait. */
const PIECE = 20

/** Who there is before a server starts. */
export interface Filled {
  readonly epoch: string
  readonly accounts: readonly AccountId[]
  /** One device of each account, with everything up to now. */
  readonly devices: readonly (DevicePlan & { readonly deviceId: DeviceId })[]
}

/** What a scenario wants written: conversations by the places of their members, the first of whom makes it. */
export interface Plan {
  readonly accounts: number
  readonly pairs?: readonly (readonly [number, number])[]
  readonly groups?: readonly (readonly number[])[]
}

/**
 * Writes accounts and conversations through the ports of the store. Nobody signs in by password, so there are no passwords; tokens are
 * signed with the store's own key.
 */
export async function fill(directory: string, plan: Plan, database: string | null = null): Promise<Filled> {
  const store = await openStore({ directory, database })
  try {
    const accounts = await makeAccounts(store, plan.accounts)
    const at = (place: number): AccountId => {
      const account = accounts[place]
      if (account === undefined) throw new Error(`The plan has a member ${place} of ${plan.accounts} accounts.`)
      return account
    }
    await inTurns(plan.pairs ?? [], async ([one, other]) => {
      const made = await store.log.openDirect(randomUUID() as ConversationId, newId(), at(one), at(other), Date.now())
      if ('code' in made) throw new Error(`A conversation was refused: ${made.code}`)
    })
    await inTurns(plan.groups ?? [], (members) => makeGroup(store, members.map(at)))
    return { epoch: store.epoch, accounts, devices: await planDevices(store, accounts) }
  } finally {
    await store.close()
  }
}

/** Writes `count` messages into each of the conversations, by turns of their members. For what devices are to have missed. */
export async function addMessages(directory: string, conversations: ReadonlyMap<string, AccountId>, count: number, text: string): Promise<void> {
  const store = await openStore({ directory })
  try {
    await inTurns([...conversations], async ([conversationId, author]) => {
      for (let written = 0; written < count; written += PIECE) {
        const piece = Array.from({ length: Math.min(PIECE, count - written) }, () => ({
          conversationId: conversationId as ConversationId,
          author,
          id: newId(),
          body: { kind: 'text', text } as const,
        }))
        const results = await store.log.append(piece, Date.now())
        if (results.some((result) => !result.ok)) throw new Error('A message was refused.')
      }
    })
  } finally {
    await store.close()
  }
}

/** Each of these accounts reacts to every text of a conversation. */
export async function addReactions(directory: string, conversationId: ConversationId, accounts: readonly AccountId[]): Promise<void> {
  const emoji = ['❤️', '👍', '✅', '😆', '😮', '😢'] as const
  const store = await openStore({ directory })
  try {
    const entries = (await store.log.read(conversationId, 0, 1_000)).filter(({ body }) => body.kind === 'text')
    for (const [place, author] of accounts.entries()) {
      const value = { emoji: emoji[place % emoji.length] as string }
      const acts = entries.map(({ seq, id: subject }) => ({
        conversationId,
        author,
        id: newId(),
        seq,
        subject,
        act: { kind: 'reaction', value } as const,
      }))
      for (const done of await store.log.set(acts, Date.now())) if (!done.ok) throw new Error(`A reaction was refused: ${done.code}`)
    }
  } finally {
    await store.close()
  }
}

async function makeAccounts(store: Store, count: number): Promise<AccountId[]> {
  const db = createBuilder(store.sql.dialect)
  const ids = Array.from({ length: count }, () => randomUUID() as AccountId)
  for (let start = 0; start < count; start += ROWS) {
    const rows = ids.slice(start, start + ROWS).map((account_id, index) => ({
      account_id,
      handle: `bench${start + index}`,
      display_name: `Bench ${start + index}`,
      password_hash: 'none',
      role: 'member' as const,
      created_at: 1,
      password_changed_at: 1,
    }))
    const made = await store.sql.atomic([step(db.insertInto('accounts').values(rows), rows.length)])
    if (!made.ok) throw new Error(`Accounts could not be written: ${made.failed}`)
  }
  return ids
}

async function makeGroup(store: Store, [author, ...others]: readonly AccountId[]): Promise<void> {
  if (author === undefined) return
  const first = others.slice(0, LIMITS.inviteesPerEntryMax)
  const conversationId = randomUUID() as ConversationId
  const made = await store.log.createGroup({ conversationId, author, id: newId(), title: '모임', accounts: first }, Date.now())
  if ('code' in made) throw new Error(`A group was refused: ${made.code}`)
  for (let start = first.length; start < others.length; start += LIMITS.inviteesPerEntryMax) {
    const accounts = others.slice(start, start + LIMITS.inviteesPerEntryMax)
    const [result] = await store.log.append([{ conversationId, author, id: newId(), body: { kind: 'invited', accounts } }], Date.now())
    if (!result?.ok) throw new Error(`An invitation was refused: ${result?.code}`)
  }
}

async function planDevices(store: Store, accounts: readonly AccountId[]): Promise<(DevicePlan & { deviceId: DeviceId })[]> {
  const tokens = createTokens(await store.keys.load('token'), { now: Date.now })
  const db = createBuilder(store.sql.dialect)
  return inTurns(accounts, async (accountId) => {
    const deviceId = randomUUID() as DeviceId
    const account_key = db.selectFrom('accounts').select('account_key').where('account_id', '=', accountId)
    const device = { device_id: deviceId, account_key, name: 'Bench', created_at: 1, last_seen_at: 1, revoked_at: null }
    const made = await store.sql.atomic([step(db.insertInto('devices').values(device), 1)])
    if (!made.ok) throw new Error(`A device could not be written: ${made.failed}`)
    const position = await store.resume.position(accountId, deviceId)
    if (position === null) throw new Error('An account is gone.')
    const token = await tokens.issue(accountId, deviceId, Date.now())
    return {
      deviceId,
      token,
      account: position.head,
      cursors: position.memberships.map(({ conversationId, head }) => [conversationId, head] as const),
    }
  })
}

async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < all.length; start += AT_ONCE) results.push(...(await Promise.all(all.slice(start, start + AT_ONCE).map(work))))
  return results
}

function newId(): ClientMessageId {
  return randomUUID() as ClientMessageId
}
