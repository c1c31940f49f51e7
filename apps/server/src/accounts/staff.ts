import { faultInText, LIMITS, STAFF_ACTS_ON_PEOPLE, type AccountId, type Body, type Reply, type StaffSheet, type Suspension } from '@bongsu/protocol'
import { only, writeItem } from './account-log.ts'
import { actorOf, isAllowed, pairOf, refusedAct, whyNotOn, type By } from './acting.ts'
import { statement, step } from './builder.ts'
import { listDevices } from './devices.ts'
import { readJournal, type JournalKind } from './journal.ts'
import { answer, refuse, type Answer, type Done, type StaffParts } from './parts.ts'
import { findAccount, personOf, PERSON, staffRole, tellPerson, type PersonRow } from './people.ts'
import type { Step } from './sql-database.ts'
import { mayAct } from './staff-table.ts'
import { notSuspended, suspensionOf } from './suspensions.ts'

/** What staff see of a person, and what they may do. */
export async function lookUpForStaff(parts: StaffParts, by: By, handle: string): Promise<Answer<StaffSheet>> {
  const actor = await actorOf(parts, by)
  if (!mayAct('look', actor.role)) return refuse('forbidden')
  const row = await findAccount(parts, { handle })
  if (row === null) return refuse('not-found')
  const role = staffRole(row)
  const made = parts.db.selectFrom('accounts').select('created_at').where('account_key', '=', row.account_key)
  const [suspension, [account]] = await Promise.all([suspensionOf(parts, row.account_id), parts.sql.read<{ created_at: number }>(statement(made))])
  const may = STAFF_ACTS_ON_PEOPLE.filter((act) => mayAct(act, actor.role, role) && whyNotOn(act, row) === null)
  const canary = row.canary === 1 ? ({ canary: true } as const) : {}
  return answer({ person: personOf(row), role, createdAt: account?.created_at ?? 0, suspension, ...canary, may: [...may] })
}

/** Gives an account another role, and tells everyone who sees it [B53]. */
export async function setRole(parts: StaffParts, by: By, accountId: AccountId, wish: Body<'setRole'>): Promise<Answer<Done>> {
  const fault = faultInReason(wish.reason)
  if (fault !== null) return refuse(fault)
  const pair = await pairOf(parts, 'set-role', by, accountId)
  if (!pair.ok) return pair
  const { row, still } = pair.value
  if (staffRole(row) !== wish.was || wish.role === wish.was) return refuse('acted-already')
  const next = { ...row, role: wish.role === 'admin' ? 'admin' : 'member', moderator: wish.role === 'moderator' ? 1 : 0 } as const
  const told = await tellPerson(parts, row, next, [
    ...still,
    ...(wish.role === 'member' ? [] : [notSuspended(parts, row.account_key)]),
    ...(wish.was === 'admin' ? [anotherAdmin(parts, row)] : []),
    parts.journal.record({ kind: 'role-changed', actor: by, account: accountId, details: { from: wish.was, to: wish.role, reason: wish.reason } }),
  ])
  if (told.ok) return answer({})
  // Renamed, or given another role: it is read again.
  if (told.failed === 'changed' || told.failed === 'person') return setRole(parts, by, accountId, wish)
  return told.failed === 'last' ? refuse('last-administrator') : refusedAct(told.failed)
}

/** Fails as 'last' when there is no other administrator. Transactions run one at a time, so of two who step down one stays. */
function anotherAdmin({ db }: StaffParts, row: PersonRow): Step {
  const others = db.selectFrom('accounts').select('account_key').where('role', '=', 'admin').where('account_key', '<>', row.account_key)
  return step(others.limit(1), 1, 'last')
}

/** An act that is ready to be written: its steps, and whom to tell when they are. */
export interface ReadyAct {
  readonly still: readonly Step[]
  readonly steps: readonly Step[]
  readonly written: () => Promise<void>
}

type Details = Readonly<Record<string, string>>

/** Suspends an account [B55]. A repeated request with the same id is the same suspension. */
export async function suspend(parts: StaffParts, by: By, accountId: AccountId, wish: Body<'suspend'>): Promise<Answer<Reply<'suspend'>>> {
  const ready = await suspending(parts, by, accountId, wish)
  if (!ready.ok) return ready
  const { still, steps, written, suspension } = ready.value
  const result = await parts.sql.atomic([...still, ...steps])
  if (!result.ok) {
    const there = await suspensionOf(parts, accountId)
    return there?.suspensionId === wish.suspensionId ? answer(there) : refusedAct(result.failed)
  }
  await written()
  return answer(suspension)
}

/** @param more what the row of the journal says besides. */
export async function suspending(
  parts: StaffParts,
  by: By,
  accountId: AccountId,
  { suspensionId, forMs, reason, appeal }: Body<'suspend'>,
  more: Details = {},
): Promise<Answer<ReadyAct & { readonly suspension: Suspension }>> {
  const fault = faultInReason(reason) ?? (appeal === '' ? null : faultInReason(appeal))
  if (fault !== null) return refuse(fault)
  const pair = await pairOf(parts, 'suspend', by, accountId)
  if (!pair.ok) return pair
  const { row, still } = pair.value
  const { db } = parts
  const now = parts.knownNow()
  const until = forMs === null ? null : now + forMs
  const ended = db.deleteFrom('suspensions').where('account_key', '=', row.account_key).where('until_at', '<=', now)
  const insert = db
    .insertInto('suspensions')
    .values({ account_key: row.account_key, suspension_id: suspensionId, began_at: now, until_at: until, reason, appeal })
    .onConflict((conflict) => conflict.doNothing())
  const details = { ...more, suspension: suspensionId, until, reason, appeal }
  const told = parts.journal.record({ kind: 'suspended', actor: by, account: accountId, details })
  return answer({
    still,
    steps: [step(ended), step(insert, 1, 'there'), told],
    written: () => tellSuspension(parts, accountId),
    suspension: { suspensionId, at: now, until, reason, appeal },
  })
}

/** Other processes look when they hear of a device of the account, also when the suspension was lifted [B55, B82]. */
async function tellSuspension(parts: StaffParts, accountId: AccountId): Promise<void> {
  const devices = await listDevices(parts, accountId)
  await parts.suspended(
    accountId,
    devices.map(({ deviceId }) => deviceId),
  )
}

/** Lifts the present suspension, when it is this one [B56]. */
export async function liftSuspension(parts: StaffParts, by: By, accountId: AccountId, wish: Body<'liftSuspension'>): Promise<Answer<Done>> {
  const fault = faultInReason(wish.reason)
  if (fault !== null) return refuse(fault)
  const pair = await pairOf(parts, 'lift', by, accountId)
  if (!pair.ok) return pair
  const { row, still } = pair.value
  const gone = parts.db.deleteFrom('suspensions').where('account_key', '=', row.account_key).where('suspension_id', '=', wish.suspensionId)
  const details = { suspension: wish.suspensionId, reason: wish.reason }
  const result = await parts.sql.atomic([
    ...still,
    step(gone, 1, 'gone'),
    parts.journal.record({ kind: 'suspension-lifted', actor: by, account: accountId, details }),
  ])
  if (!result.ok) return refusedAct(result.failed)
  await tellSuspension(parts, accountId)
  return answer({})
}

/** Warns a person: an item of their account log, which their app shows until it is put away [B57]. */
export async function warn(parts: StaffParts, by: By, accountId: AccountId, noticeId: string, text: string): Promise<Answer<Done>> {
  const ready = await warning(parts, by, accountId, noticeId, text)
  if (!ready.ok) return ready
  const { still, steps, written } = ready.value
  const result = await parts.sql.atomic([...still, ...steps])
  if (result.ok) await written()
  else if (result.failed !== 'repeated') return refusedAct(result.failed)
  return answer({})
}

/** @param more what the row of the journal says besides. */
export async function warning(
  parts: StaffParts,
  by: By,
  accountId: AccountId,
  noticeId: string,
  text: string,
  more: Details = {},
): Promise<Answer<ReadyAct>> {
  const fault = faultInReason(text)
  if (fault !== null) return refuse(fault)
  const pair = await pairOf(parts, 'warn', by, accountId)
  if (!pair.ok) return pair
  const { row, still } = pair.value
  const notices = parts.db.selectFrom('account_items').select('key').where('account_key', '=', row.account_key).where('kind', '=', 'notice')
  return answer({
    still,
    steps: [
      step(notices.where('key', '=', noticeId), 0, 'repeated'),
      ...writeItem(parts.db, only(accountId), { kind: 'notice', key: noticeId, value: { at: parts.clock.now(), text } }),
      step(notices.where('value', 'is not', null).orderBy('key').offset(LIMITS.noticesPerAccountMax).limit(1), 0, 'full'),
      parts.journal.record({ kind: 'warned', actor: by, account: accountId, details: { ...more, notice: noticeId, reason: text } }),
    ],
    written: async () => parts.rose([accountId]),
  })
}

/** Puts a warning away. Once more changes nothing. */
export async function putAwayNotice(parts: StaffParts, accountId: AccountId, noticeId: string): Promise<Answer<Done>> {
  const { db } = parts
  const there = db
    .selectFrom('account_items')
    .innerJoin('accounts', 'accounts.account_key', 'account_items.account_key')
    .select('account_items.key')
    .where('accounts.account_id', '=', accountId)
    .where('account_items.kind', '=', 'notice')
    .where('account_items.key', '=', noticeId)
    .where('account_items.value', 'is not', null)
  const result = await parts.sql.atomic([step(there, 1, 'absent'), ...writeItem(db, only(accountId), { kind: 'notice', key: noticeId, value: null })])
  if (result.ok) parts.rose([accountId])
  return answer({})
}

/** Rows of a case, which the one whom it is about does not see [B60]. */
const OF_A_CASE: ReadonlySet<string> = new Set<JournalKind>(['report-made', 'report-read', 'report-closed', 'message-hidden', 'member-removed'])

/** One page of the journal, with the names in it, for administrators [B50]. */
export async function journalPage(
  parts: StaffParts,
  by: By,
  { below, accountId }: { readonly below?: number | undefined; readonly accountId?: AccountId | undefined },
): Promise<Answer<Reply<'readJournal'>>> {
  if (!(await isAllowed(parts, 'read-journal', by))) return refuse('forbidden')
  const { rows: all, more } = await readJournal(parts, { below, limit: LIMITS.journalPageMax, account: accountId })
  const rows = all.filter(({ kind, account_id, details }) => !OF_A_CASE.has(kind) || (account_id !== by && !details.includes(by)))
  const named = [...new Set(rows.flatMap(({ actor, account_id }) => (account_id === null ? [actor] : [actor, account_id])))]
  const people = parts.db.selectFrom('accounts').select(PERSON).where('account_id', 'in', named)
  const found = named.length === 0 ? [] : await parts.sql.read<PersonRow>(statement(people))
  return answer({
    rows: rows.map(({ seq, at, kind, actor, account_id, details }) => ({
      seq,
      at,
      kind,
      actor,
      accountId: account_id as AccountId | null,
      details: JSON.parse(details) as Record<string, string | number | null>,
    })),
    people: found.map(personOf),
    more,
  })
}

const faultInReason = (text: string) => faultInText(text, LIMITS.staffTextCodePointsMax)
