import { effectOf, foldRoom, madeBy, type RoomState } from '@bongsu/log'
import { entryKind, RIGHTS, type AccountId, type EntryBody } from '@bongsu/protocol'
import { isEntryBody } from '@bongsu/protocol/check'
import type { DatabaseSync } from 'node:sqlite'
import { all, one, rowsOf } from './connection.ts'
import { createRunningHash } from '../../conversation/audit-hash.ts'
import type { Report } from '../../store/store-keeper.ts'
import { ASKED_GONE } from './write-entries.ts'

/** Entries hashed at once. */
const hashedAtOnce = 1_000

export interface ConversationRow {
  readonly key: number
  readonly conversationId: string
  readonly kind: string
  readonly title: string
  readonly head: number
  readonly memberCount: number
  /** JSON. */
  readonly state: string | null
}

interface EntryRow {
  readonly seq: number
  readonly author: string | null
  /** Null when the page is damaged, although the schema forbids null. */
  readonly id: Uint8Array | null
  readonly kind: string
  readonly body: string
  readonly asked: string | null
}

interface BarRow {
  readonly accountId: string | null
  /** 1: staff keep the account out, which no entry need say [B68]. */
  readonly byStaff: number
}

interface MemberRow {
  readonly accountId: string | null
  readonly joinedSeq: number
  readonly watermark: number
  /** 1: has not let in the person who opened it, and knows nothing of it [B40]. */
  readonly waiting: number
  readonly membership: string | null
  readonly read: string | null
}

/** A database from before there were roles has neither this table nor `state`. */
export function hasRoles(db: DatabaseSync): boolean {
  return one(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'barred'")) !== undefined
}

/** A database from before strangers had to wait does not say who waits. */
function hasWaiting(db: DatabaseSync): boolean {
  return one(db.prepare("SELECT 1 FROM pragma_table_info('members') WHERE name = 'waiting'")) !== undefined
}

/** A database from before staff could keep out who has left does not say who keeps whom out. */
function hasBarsOfStaff(db: DatabaseSync): boolean {
  return one(db.prepare("SELECT 1 FROM pragma_table_info('barred') WHERE name = 'by_staff'")) !== undefined
}

/** State derived from the entries so far. */
interface Told {
  readonly members: Map<string, number>
  title: string
  owners: RoomState
  maker: AccountId | null
  readonly barred: Set<string>
}

/**
 * Reads a conversation from its first entry to its last and compares the stored state with the entries. The returned function checks one conversation
 * and returns its running hash. @param seen called for each entry.
 */
export function createConversationCheck(db: DatabaseSync, violation: Report): (row: ConversationRow, seen: (seq: number) => void) => string {
  const entriesOf = db.prepare(`
    SELECT e.seq, a.account_id AS author, e.id, e.kind, e.body, e.asked FROM entries e LEFT JOIN accounts a ON a.account_key = e.author_key
    WHERE e.conversation_key = ? ORDER BY e.seq`)
  const membersOf = db.prepare(`
    SELECT a.account_id AS accountId, m.joined_seq AS joinedSeq, m.watermark, ${hasWaiting(db) ? 'm.waiting' : '0 AS waiting'},
      i.value AS membership, r.value AS read FROM members m
    LEFT JOIN accounts a ON a.account_key = m.account_key
    LEFT JOIN account_items i ON i.account_key = m.account_key AND i.kind = 'membership' AND i.key = ?2
    LEFT JOIN account_items r ON r.account_key = m.account_key AND r.kind = 'read' AND r.key = ?2
    WHERE m.conversation_key = ?1`)

  const barredOf = hasRoles(db)
    ? db.prepare(`
        SELECT a.account_id AS accountId, ${hasBarsOfStaff(db) ? 'b.by_staff' : '0'} AS byStaff FROM barred b
        LEFT JOIN accounts a ON a.account_key = b.account_key WHERE b.conversation_key = ?`)
    : null
  const barredIn = (key: number): BarRow[] => (barredOf === null ? [] : all<BarRow>(barredOf, key))

  return (conversation, seen) => {
    const where = `conversation ${conversation.conversationId}`
    const told: Told = { members: new Map(), title: '', owners: madeBy(null), maker: null, barred: new Set() }
    const hash = createRunningHash(hashedAtOnce)
    let last = 0
    for (const row of rowsOf<EntryRow>(entriesOf, conversation.key)) {
      seen(row.seq)
      const place = `${where}, seq ${row.seq}`
      if (row.seq !== last + 1) violation(place, `follows seq ${last}: ${row.seq - last - 1} entries are missing [M3]`)
      last = row.seq
      if (row.id?.length === 16) hash.add(row.seq, row.id)
      else violation(place, 'has an id of the wrong length')
      checkEntry(row, told, (what) => violation(place, what))
    }
    if (last !== conversation.head) violation(where, `the head is ${conversation.head}, the last entry ${last} [M3]`)
    if (told.title !== conversation.title) violation(where, 'the title is not the last one set')
    checkOwners(conversation, barredIn(conversation.key), told, violation)
    checkMembers(conversation, all<MemberRow>(membersOf, conversation.key, conversation.conversationId), told, violation)
    return hash.end()
  }
}

function checkEntry(row: EntryRow, told: Told, wrong: (what: string) => void): void {
  const body = bodyOf(row.body)
  if (body === null) return wrong('its body is not valid in the protocol')
  if (body.kind !== row.kind) wrong(`is kept as ${row.kind} and says ${body.kind}`)
  if (row.asked !== null && row.asked !== ASKED_GONE && bodyOf(row.asked) === null) wrong('the original request is not a body of the protocol [M2]')
  if ((body.kind === 'created') !== (row.seq === 1)) wrong('created must be the first entry and no other [M3]')
  if (row.author === null) return wrong('its author does not exist')
  if (body.kind !== 'created' && !told.members.has(row.author)) wrong('its author was not a member')
  const { joins = [], leaves = [], title } = effectOf(row.author as AccountId, body)
  for (const accountId of leaves) told.members.delete(accountId)
  for (const accountId of joins) {
    told.members.set(accountId, row.seq)
    told.barred.delete(accountId)
  }
  if (body.kind === 'removed' && body.barred) told.barred.add(body.accountId)
  if (body.kind === 'created') told.maker = row.author as AccountId
  told.owners = foldRoom(told.owners, row.author as AccountId, body)
  if (title !== undefined) told.title = title
}

/** A body of a kind that a newer program wrote is kept as it is [W3]. */
function bodyOf(json: string): EntryBody | null {
  try {
    const body = JSON.parse(json) as EntryBody | null
    return isEntryBody(body) || isUnknownKind(body) ? body : null
  } catch {
    return null
  }
}

function isUnknownKind(body: { readonly kind?: unknown } | null): boolean {
  return typeof body?.kind === 'string' && entryKind(body.kind) === undefined
}

/** [B10] Who owns a group, and who may not come back to it, is what its entries say. */
function checkOwners({ conversationId, kind, state }: ConversationRow, barred: readonly BarRow[], told: Told, violation: Report): void {
  const where = `conversation ${conversationId}`
  if (kind !== 'group') return
  const { host, deputies, rights } = state === null ? madeBy(told.maker) : ((parsed(state) as RoomState | null) ?? madeBy(null))
  // An older process keeps the role of a deputy who leaves, until they come back or the roles change.
  const present = deputies.filter((accountId) => told.members.has(accountId))
  const isSame = host === told.owners.host && String(present) === String(told.owners.deputies) && sameRights(rights, told.owners.rights)
  if (!isSame) violation(where, 'its host, deputies and rights are not what its entries say [B10]')
  const missing = [...told.barred].filter((accountId) => !barred.some((bar) => bar.accountId === accountId))
  const untold = barred.filter(({ accountId, byStaff }) => accountId === null || (byStaff !== 1 && !told.barred.has(accountId)))
  if (missing.length > 0 || untold.length > 0) violation(where, 'who may not come back is not what its entries say [B13]')
}

function sameRights(kept: RoomState['rights'], told: RoomState['rights']): boolean {
  return RIGHTS.every((right) => kept[right] === told[right])
}

function checkMembers(conversation: ConversationRow, rows: readonly MemberRow[], told: Told, violation: Report): void {
  const { conversationId, head, kind } = conversation
  const where = `conversation ${conversationId}`
  if (rows.length !== conversation.memberCount) violation(where, `counts ${conversation.memberCount} members and has ${rows.length}`)
  const missing = new Set(told.members.keys())
  for (const { accountId, joinedSeq, watermark, waiting, membership, read } of rows) {
    const place = `${where}, member ${accountId ?? 'that does not exist'}`
    if (accountId === null) {
      violation(place, 'is no account')
      continue
    }
    missing.delete(accountId)
    const since = told.members.get(accountId)
    if (since === undefined) violation(place, 'no entry brought this member in')
    // Leaving a conversation of two raises the member's own, which no entry tells [B4].
    else if (since !== joinedSeq && !(kind === 'direct' && joinedSeq > since)) violation(place, `joined at ${joinedSeq}, but the log says ${since}`)
    if (joinedSeq < 1 || joinedSeq > (kind === 'direct' ? head + 1 : head)) violation(place, `joined at ${joinedSeq}, beyond the head ${head}`)
    if (watermark > head) violation(place, `has read to ${watermark}, beyond the head ${head} [R2]`)
    if (watermark < joinedSeq - 1 && kind !== 'direct') violation(place, `has read to ${watermark}, which is before it joined at ${joinedSeq} [R1]`)
    if (waiting === 1 && kind !== 'direct') violation(place, 'waits in a conversation that is not of two [B40]')
    if (waiting === 1 ? membership !== null : !saysMembership(membership, conversation, joinedSeq))
      violation(place, waiting === 1 ? 'waits, and is told of the membership [B40]' : 'the account log does not tell of this membership [D9]')
    const said = read === null ? 0 : Number((parsed(read) as { seq?: number } | null)?.seq)
    if (!(said <= watermark) || (watermark >= (since ?? joinedSeq) && said !== watermark))
      violation(place, `has read to ${watermark}, but the account log says ${said} [R3]`)
  }
  for (const accountId of missing) violation(`${where}, member ${accountId}`, 'the log brought this member in, but it is not kept as one')
}

function saysMembership(json: string | null, { conversationId, kind }: ConversationRow, joinedSeq: number): boolean {
  const item = parsed(json ?? 'null') as { conversationId?: unknown; kind?: unknown; joinedSeq?: unknown } | null
  return item?.conversationId === conversationId && item.kind === kind && item.joinedSeq === joinedSeq
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
