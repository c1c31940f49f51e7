import { createHash, createHmac, randomBytes } from 'node:crypto'
import { LIMITS, type AccountId, type Body, type Invite, type InviteFault, type Person, type Reply, type Role } from '@bongsu/protocol'
import { sql as raw, type RawBuilder } from 'kysely'
import { statement, step } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer, type Done } from './parts.ts'
import { findAccount, personOf } from './people.ts'
import type { Step } from './sql-database.ts'
import { suspendedKeys } from './suspensions.ts'

const DAY_MS = 86_400_000
/** PostgreSQL refuses some other texts altogether. */
const INVITE_ID = /^[0-9a-f-]{36}$/

interface InviteRow {
  readonly invite_id: string
  readonly role: Role
  readonly created_at: number
  readonly expires_at: number
  readonly uses: number
  readonly uses_max: number
  readonly account_id: AccountId | null
  readonly handle: string | null
  readonly display_name: string | null
  readonly maker_role: Role | null
  readonly moderator: number | null
  readonly canary: number
  readonly revoked_at: number | null
}

/** Only the hash is stored, so that a reader of the database cannot join with it. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('base64url')
}

function openInvites(parts: AccountsParts) {
  return allInvites(parts)
    .where('invites.revoked_at', 'is', null)
    .where('invites.expires_at', '>', parts.clock.now())
    .whereRef('invites.uses', '<', 'invites.uses_max')
}

function allInvites({ db }: AccountsParts) {
  return db
    .selectFrom('invites')
    .leftJoin('accounts', 'accounts.account_key', 'invites.created_by')
    .select([
      'invites.invite_id',
      'invites.role',
      'invites.created_at',
      'invites.expires_at',
      'invites.uses',
      'invites.uses_max',
      'invites.canary',
      'accounts.account_id',
      'accounts.handle',
      'accounts.display_name',
      'accounts.role as maker_role',
      'accounts.moderator',
      'invites.revoked_at',
    ])
}

function inviteOf(row: InviteRow): Invite {
  return {
    inviteId: row.invite_id,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usesLeft: row.uses_max - row.uses,
    createdBy: makerOf(row),
  }
}

function makerOf(row: InviteRow): Person | null {
  const { account_id, handle, display_name, maker_role: role, moderator } = row
  return account_id === null || handle === null || display_name === null || role === null || moderator === null
    ? null
    : personOf({ account_id, handle, display_name, role, moderator })
}

export async function checkInvite(parts: AccountsParts, code: string): Promise<Answer<Reply<'checkInvite'>>> {
  const found = await findInvite(parts, code)
  if (!found.ok) return found
  const { canary: _, ...told } = found.value
  return answer(told)
}

/** What an invite gives, or why it is no longer valid. `canary` is for the server alone and is sent to nobody. */
export async function findInvite(parts: AccountsParts, code: string): Promise<Answer<Reply<'checkInvite'> & { readonly canary: boolean }>> {
  const [row] = await parts.sql.read<InviteRow>(statement(allInvites(parts).where('invites.code_hash', '=', hashOf(code))))
  if (row === undefined) return refuse('invite-invalid')
  const why = faultIn(row, parts.clock.now())
  if (why !== null) return { ...refuse('invite-invalid'), why }
  return answer({ role: row.role, expiresAt: row.expires_at, from: makerOf(row), canary: row.canary === 1 })
}

function faultIn(row: InviteRow, now: number): InviteFault | null {
  if (row.revoked_at !== null) return 'revoked'
  if (row.uses >= row.uses_max) return 'used'
  return row.expires_at > now ? null : 'expired'
}

/** Uses an invite once. Fails as 'invite' when no use is left, it has expired, its maker is suspended [B55], or it does not exist. */
export function useInvite(parts: Pick<AccountsParts, 'db' | 'clock' | 'knownNow'>, code: string): Step {
  const { db, clock } = parts
  const use = db
    .updateTable('invites')
    .set((row) => ({ uses: row('uses', '+', 1) }))
    .where('code_hash', '=', hashOf(code))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', clock.now())
    .whereRef('uses', '<', 'uses_max')
    .where((row) => row.or([row('created_by', 'is', null), row('created_by', 'not in', suspendedKeys(parts))]))
  return step(use, 1, 'invite')
}

/** A request repeated with the same code gives the same invite [C7]. */
export async function createInvite(parts: AccountsParts, accountId: AccountId, wish: Body<'createInvite'>): Promise<Answer<Reply<'createInvite'>>> {
  const made = await makeInvite(parts, accountId, wish)
  if (made.ok || wish.code === undefined) return made
  return (await repeatedInvite(parts, wish.code, wish, accountId)) ?? made
}

async function makeInvite(parts: AccountsParts, accountId: AccountId, wish: Body<'createInvite'>): Promise<Answer<Reply<'createInvite'>>> {
  const own = await findAccount(parts, { accountId })
  if (own === null) return refuse('unauthenticated')
  const now = parts.clock.now()
  const invite = { inviteId: parts.random.uuid(), role: 'member', createdAt: now, expiresAt: now + wish.validMs, usesLeft: wish.uses } as const
  const { code, steps } = inviteSteps(parts, invite, { maker: own.account_key, canary: false }, wish.code)
  const result = await parts.sql.atomic([...boundSteps(parts, own, wish.uses), ...steps])
  if (result.ok) return answer({ code, ...invite, createdBy: personOf(own) })
  if (result.failed === 'unique') return refuse('id-conflict')
  if (!isLimit(result.failed)) throw new Error(`An invite could not be written: ${result.failed}`)
  return { ...refuse('limit-reached'), limit: result.failed }
}

const INVITE_LIMITS = ['openInvitesMax', 'invitesPerDayMax', 'inviteUsesPerDayMax'] as const
const isLimit = (failed: string): failed is (typeof INVITE_LIMITS)[number] => INVITE_LIMITS.some((name) => name === failed)

/**
 * Steps that come before an invite of this account and fail as the name of a limit that it would exceed [B23]. The account is locked first: two requests
 * at the same moment count one after the other.
 */
function boundSteps({ db, clock }: AccountsParts, own: { readonly account_key: number; readonly role: Role }, uses: number): readonly Step[] {
  const now = clock.now()
  const isOpen = raw<boolean>`(revoked_at IS NULL AND expires_at > ${now} AND uses < uses_max)`
  const isOfToday = raw<boolean>`created_at > ${now - DAY_MS}`
  const lock = db
    .updateTable('accounts')
    .set((row) => ({ role: row.ref('role') }))
    .where('account_key', '=', own.account_key)
  /** The account itself, when this sum over its invites is at most `most`. */
  const ifAtMost = (sum: RawBuilder<number>, which: RawBuilder<boolean>, most: number) =>
    db
      .selectFrom('accounts')
      .select('account_key')
      .where('account_key', '=', own.account_key)
      .where((row) => row.selectFrom('invites').select(sum.as('n')).where('created_by', '=', own.account_key).where(which), '<=', most)
  const count = raw<number>`count(*)`
  const letIn = raw<number>`coalesce(sum(CASE WHEN ${isOpen} THEN uses_max ELSE uses END), 0)`
  return [
    step(lock, 1),
    step(ifAtMost(count, isOpen, LIMITS.openInvitesMax - 1), 1, 'openInvitesMax'),
    step(ifAtMost(count, isOfToday, LIMITS.invitesPerDayMax - 1), 1, 'invitesPerDayMax'),
    ...(own.role === 'admin'
      ? []
      : [step(ifAtMost(letIn, raw<boolean>`(${isOpen} OR ${isOfToday})`, LIMITS.inviteUsesPerDayMax - uses), 1, 'inviteUsesPerDayMax')]),
  ]
}

/** The invite that an earlier request with this code made. It is refused when it was another one. Null when there is none. */
async function repeatedInvite(
  parts: AccountsParts,
  code: string,
  { validMs, uses }: Body<'createInvite'>,
  accountId: AccountId,
): Promise<Answer<Reply<'createInvite'>> | null> {
  const [row] = await parts.sql.read<InviteRow>(statement(allInvites(parts).where('invites.code_hash', '=', hashOf(code))))
  if (row === undefined) return null
  const isSame = row.account_id === accountId && row.uses_max === uses && row.expires_at - row.created_at === validMs && row.revoked_at === null
  return isSame ? answer({ code, ...inviteOf(row) }) : refuse('id-conflict')
}

/** The caller's own invites. Administrators see all. */
export async function listInvites(parts: AccountsParts, accountId: AccountId): Promise<Answer<{ invites: Invite[] }>> {
  const own = await findAccount(parts, { accountId })
  if (own === null) return refuse('unauthenticated')
  // Invites for canaries are not shown to people.
  const open = openInvites(parts).where('invites.canary', '=', 0).orderBy('invites.created_at')
  const rows = await parts.sql.read<InviteRow>(statement(own.role === 'admin' ? open : open.where('invites.created_by', '=', own.account_key)))
  return answer({ invites: rows.map(inviteOf) })
}

export async function revokeInvite(parts: AccountsParts, accountId: AccountId, inviteId: string): Promise<Answer<Done>> {
  if (!INVITE_ID.test(inviteId)) return refuse('not-found')
  const own = await findAccount(parts, { accountId })
  if (own === null) return refuse('unauthenticated')
  const revoke = parts.db
    .updateTable('invites')
    .set({ revoked_at: parts.clock.now() })
    .where('invite_id', '=', inviteId)
    .where('revoked_at', 'is', null)
  const result = await parts.sql.atomic([step(own.role === 'admin' ? revoke : revoke.where('created_by', '=', own.account_key), 1, 'absent')])
  return result.ok ? answer({}) : refuse('not-found')
}

/** The first administrator's link is valid for a day from the last start. */
const FIRST_ADMIN_VALID_MS = 86_400_000

/**
 * Every start without an administrator, and every process of one database, gives the same link: its code is made from the invite and the secret [D12].
 * Members who joined first, by open registration, change nothing.
 * @returns the code for the first administrator, or null when there is one.
 */
export async function inviteFirstAdmin(parts: AccountsParts, secret: Uint8Array): Promise<string | null> {
  const { db, clock, random } = parts
  const [someone] = await parts.sql.read(statement(db.selectFrom('accounts').select('account_key').where('role', '=', 'admin').limit(1)))
  if (someone !== undefined) return null
  const now = clock.now()
  const codeOf = (inviteId: string): string => createHmac('sha256', secret).update(`bongsu first administrator ${inviteId}`).digest('base64url')
  const open = db
    .selectFrom('invites')
    .select(['invite_id', 'code_hash'])
    .where('role', '=', 'admin')
    .where('created_by', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .whereRef('uses', '<', 'uses_max')
  const found = await parts.sql.read<{ invite_id: string; code_hash: string }>(statement(open))
  const change = (inviteId: string) => db.updateTable('invites').where('invite_id', '=', inviteId)
  // The code of a link that was made with another secret, or by an older version, is not known.
  const unknown = found.filter(({ invite_id: id, code_hash: hash }) => hash !== hashOf(codeOf(id)))
  const revoke = unknown.map(({ invite_id: id }) => step(change(id).set({ revoked_at: now })))
  const invite = { inviteId: random.uuid(), role: 'admin', createdAt: now, expiresAt: now + FIRST_ADMIN_VALID_MS, usesLeft: 1 } as const
  const made = inviteSteps(parts, invite, { maker: null, canary: false }, codeOf(invite.inviteId))
  const result = await parts.sql.atomic([...revoke, step(open, 0, 'given'), ...made.steps])
  if (result.ok) return made.code
  if (result.failed !== 'given') throw new Error(`An invite could not be written: ${result.failed}`)
  const [given] = await parts.sql.read<{ invite_id: string }>(statement(open))
  if (given === undefined) return null
  await parts.sql.atomic([step(change(given.invite_id).set({ expires_at: invite.expiresAt }))])
  return codeOf(given.invite_id)
}

/** A code, a new one unless it is given, and the steps that store its invite. */
export function inviteSteps(
  { db }: AccountsParts,
  invite: Omit<Invite, 'createdBy'>,
  { maker, canary }: { readonly maker: number | null; readonly canary: boolean },
  code = randomBytes(32).toString('base64url'),
): { readonly code: string; readonly steps: readonly Step[] } {
  const insert = db.insertInto('invites').values({
    invite_id: invite.inviteId,
    code_hash: hashOf(code),
    role: invite.role,
    created_by: maker,
    created_at: invite.createdAt,
    expires_at: invite.expiresAt,
    uses_max: invite.usesLeft,
    revoked_at: null,
    canary: canary ? 1 : 0,
  })
  return { code, steps: [step(insert, 1)] }
}
