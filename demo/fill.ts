import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import { LIMITS } from '@bongsu/protocol'
import { only, writeItem } from '../apps/server/src/accounts/account-log.ts'
import { createBuilder, step } from '../apps/server/src/accounts/builder.ts'
import type { SqlDatabase, Step } from '../apps/server/src/accounts/sql-database.ts'
import type { AppendRequest, LogStore, SetRequest } from '../apps/server/src/conversation/log-store.ts'
import type { Random } from '../apps/server/src/ops/clock.ts'
import type { ReceiptStore } from '../apps/server/src/receipts/receipt-store.ts'
import type { TownRoom } from './town-room.ts'
import type { Town } from './town.ts'

export interface FillParts {
  readonly log: LogStore
  readonly receipts: ReceiptStore
  readonly sql: SqlDatabase
  readonly random: Random
  /** Epoch ms that `minutesAgo` counts from. */
  readonly now: number
  /** One hash for everybody: this is a demo, and 3,000 hashes would take a minute. */
  readonly passwordHash: string
  readonly progress: (text: string) => void
}

const MINUTE_MS = 60_000
/** Accounts written in one transaction, and entries in one batch. */
const BATCH = 500

/** Writes a town into an empty store, through the same operations that people's devices cause. */
export async function fillTown(parts: FillParts, town: Town): Promise<ReadonlyMap<string, AccountId>> {
  const ids = new Map(town.people.map(({ handle }) => [handle, parts.random.uuid() as AccountId]))
  await writeAccounts(parts, town, ids)
  await writeFriends(parts, town, ids)
  let done = 0
  // All rooms at once: what they write is gathered into common commits, as when people really talk.
  await Promise.all(
    town.rooms.map(async (room) => {
      await writeRoom(parts, room, ids)
      done++
      if (done % 10 === 0 || done === town.rooms.length) parts.progress(`${done}/${town.rooms.length} rooms`)
    }),
  )
  return ids
}

function idOf(ids: ReadonlyMap<string, AccountId>, handle: string): AccountId {
  const id = ids.get(handle)
  if (id === undefined) throw new Error(`The town has a room with somebody who does not live there: ${handle}`)
  return id
}

async function writeAccounts({ sql, now, passwordHash, progress }: FillParts, town: Town, ids: ReadonlyMap<string, AccountId>): Promise<void> {
  const db = createBuilder(sql.dialect)
  for (let start = 0; start < town.people.length; start += BATCH) {
    const steps: Step[] = town.people.slice(start, start + BATCH).flatMap(({ handle, displayName }, index) => {
      const accountId = idOf(ids, handle)
      const role = start + index === 0 ? 'admin' : 'member'
      const insert = db.insertInto('accounts').values({
        account_id: accountId,
        handle,
        display_name: displayName,
        password_hash: passwordHash,
        role,
        created_at: now,
        password_changed_at: now,
      })
      return [step(insert, 1), ...writeItem(db, only(accountId), { kind: 'profile', key: '', value: { accountId, handle, displayName, role } })]
    })
    expectDone(await sql.atomic(steps))
    progress(`${Math.min(start + BATCH, town.people.length)}/${town.people.length} people`)
  }
}

/** Everybody who shares a direct room or a small group with somebody is friends with them. */
async function writeFriends({ sql, now }: FillParts, town: Town, ids: ReadonlyMap<string, AccountId>): Promise<void> {
  const db = createBuilder(sql.dialect)
  const people = new Map(town.people.map((person) => [person.handle, person]))
  const pairs = new Set<string>()
  for (const room of town.rooms) {
    if (room.members.length > 30) continue
    for (const one of room.members) for (const other of room.members) if (one !== other) pairs.add(`${one}\n${other}`)
  }
  const all = [...pairs].map((pair) => pair.split('\n') as [string, string])
  for (let start = 0; start < all.length; start += BATCH) {
    const steps = all.slice(start, start + BATCH).flatMap(([one, other]): readonly Step[] => {
      const accountId = idOf(ids, one)
      const friendId = idOf(ids, other)
      const insert = db.insertInto('friends').values((row) => ({
        account_key: row.selectFrom('accounts').select('account_key').where('account_id', '=', accountId).$asScalar().$notNull(),
        friend_key: row.selectFrom('accounts').select('account_key').where('account_id', '=', friendId).$asScalar().$notNull(),
        created_at: now,
      }))
      const person = { accountId: friendId, handle: other, displayName: people.get(other)?.displayName ?? other }
      return [step(insert, 1), ...writeItem(db, only(accountId), { kind: 'friend', key: friendId, value: person })]
    })
    expectDone(await sql.atomic(steps))
  }
}

async function writeRoom(parts: FillParts, room: TownRoom, ids: ReadonlyMap<string, AccountId>): Promise<void> {
  const { log, random, now } = parts
  const members = room.members.map((handle) => idOf(ids, handle))
  const [founder, ...others] = members
  if (founder === undefined) throw new Error(`Nobody is in the room ${room.title}.`)
  const begun = now - Math.max(0, ...room.lines.map((line) => line.minutesAgo)) * MINUTE_MS - MINUTE_MS
  const conversationId = await openRoom(parts, room, founder, others, begun)
  let head = 1
  for (let start = LIMITS.inviteesPerEntryMax; start < others.length; start += LIMITS.inviteesPerEntryMax) {
    const accounts = others.slice(start, start + LIMITS.inviteesPerEntryMax)
    await appendAll(log, [{ conversationId, author: founder, id: random.uuid() as ClientMessageId, body: { kind: 'invited', accounts } }], begun)
    head++
  }
  /** Seq of the first line: each line is one entry. */
  const first = head + 1
  const lastSaid = new Map(room.lines.map(({ author }, index) => [idOf(ids, author), first + index]))
  const acts: SetRequest[] = []
  for (let start = 0; start < room.lines.length; start++) {
    // Lines of the same minute go together: they carry the same time.
    const { minutesAgo } = room.lines[start] ?? { minutesAgo: 0 }
    let end = start
    while (end < room.lines.length && end - start < BATCH && room.lines[end]?.minutesAgo === minutesAgo) end++
    const lines = room.lines.slice(start, end)
    const batch = lines.map((line): AppendRequest => ({
      conversationId,
      author: idOf(ids, line.author),
      id: random.uuid() as ClientMessageId,
      body: { kind: 'text', text: line.text, ...(line.answers === undefined ? {} : { replyTo: first + line.answers }) },
    }))
    await appendAll(log, batch, now - minutesAgo * MINUTE_MS)
    acts.push(
      ...lines.flatMap(({ reactions = [] }, index) =>
        reactions.map(({ who, emoji }): SetRequest => ({
          conversationId,
          author: idOf(ids, who),
          id: random.uuid() as ClientMessageId,
          seq: head + 1 + index,
          subject: batch[index]?.id as ClientMessageId,
          act: { kind: 'reaction', value: { emoji } },
        })),
      ),
    )
    head += batch.length
    start = end - 1
  }
  // All at once, as nobody is shown when a reaction was made.
  await setAll(log, acts, now - MINUTE_MS)
  await readSome(parts, conversationId, members, head, lastSaid)
}

async function openRoom(
  { log, random }: FillParts,
  room: TownRoom,
  founder: AccountId,
  others: readonly AccountId[],
  now: number,
): Promise<ConversationId> {
  const conversationId = random.uuid() as ConversationId
  const id = random.uuid() as ClientMessageId
  const made =
    room.kind === 'group'
      ? await log.createGroup({ conversationId, author: founder, id, title: room.title, accounts: others.slice(0, LIMITS.inviteesPerEntryMax) }, now)
      : await log.openDirect(conversationId, id, founder, others[0] ?? founder, now)
  if ('code' in made) throw new Error(`The room ${room.title} could not be made: ${made.code}`)
  return made.conversationId
}

/** Most people have read everything, some are a little behind, a few have not looked for long. Nobody has left unread what they wrote below. */
async function readSome(
  { receipts, random }: FillParts,
  conversationId: ConversationId,
  members: readonly AccountId[],
  head: number,
  lastSaid: ReadonlyMap<AccountId, number>,
): Promise<void> {
  const batch = members.map((accountId) => {
    // Whoever looks around first should find something unread: the founder of a room is always a little behind.
    const mood = accountId === members[0] ? 0.8 : random.next()
    const behind = mood < 0.7 ? 0 : mood < 0.95 ? Math.floor(random.next() * 12) : Math.floor(random.next() * 200)
    return { conversationId, accountId, seq: Math.max(1, lastSaid.get(accountId) ?? 0, head - behind) }
  })
  await receipts.raise(batch)
}

async function appendAll(log: LogStore, batch: readonly AppendRequest[], now: number): Promise<void> {
  const results = await log.append(batch, now)
  const refused = results.find((result) => !result.ok)
  if (refused !== undefined && !refused.ok) throw new Error(`A line of the town was refused: ${refused.code}`)
}

async function setAll(log: LogStore, acts: readonly SetRequest[], now: number): Promise<void> {
  for (let start = 0; start < acts.length; start += BATCH) {
    const results = await log.set(acts.slice(start, start + BATCH), now)
    const refused = results.find((result) => !result.ok)
    if (refused !== undefined && !refused.ok) throw new Error(`A reaction of the town was refused: ${refused.code}`)
  }
}

function expectDone(result: Awaited<ReturnType<SqlDatabase['atomic']>>): void {
  if (!result.ok) throw new Error(`The town could not be written: ${result.failed}. Is the folder empty?`)
}

/** For signing in by hand; kept here so that demo and documents agree. */
export const DEMO_PASSWORD = 'bongsu-demo'
