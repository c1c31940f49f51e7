import type { Connection, Prepared } from './connection.ts'
import type { Ledger, Room } from './ledger.ts'

const named = (name: string, text: string): Prepared => ({ name, text })

const NEW_ROOMS = named(
  'new-rooms',
  `INSERT INTO conversations (conversation_key, conversation_id, kind, title, head, change, member_count, direct_key, created_at, state)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::text[])`,
)
const ROOMS = named(
  'update-rooms',
  `UPDATE conversations c SET head = r.head, change = r.change, member_count = r.members, title = coalesce(r.title, c.title), state = r.state
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) AS r (key, head, change, members, title, state) WHERE c.conversation_key = r.key`,
)
const ROOM_HEADS = named(
  'start-heads',
  `INSERT INTO start_heads (conversation_key, head, change, start)
   SELECT r.*, $4 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r ON CONFLICT DO NOTHING`,
)
const ENTRIES = named(
  'new-entries',
  `INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body, asked)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::text[])`,
)
const REWRITES = named(
  'rewrites',
  `UPDATE entries e SET kind = r.kind, body = r.body, asked = '' FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS r (key, seq, kind, body)
   WHERE e.conversation_key = r.key AND e.seq = r.seq`,
)
const LEAVES = named(
  'leaves',
  `DELETE FROM members m USING unnest($1::bigint[], $2::bigint[]) AS r (room, account) WHERE m.conversation_key = r.room AND m.account_key = r.account`,
)
const MEMBERS = named(
  'put-members',
  `INSERT INTO members (conversation_key, account_key, joined_seq, watermark, waiting)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
   ON CONFLICT (conversation_key, account_key) DO UPDATE SET joined_seq = excluded.joined_seq, watermark = excluded.watermark`,
)
const ACCOUNT_HEADS = named(
  'update-accounts',
  `UPDATE accounts a SET head = r.head FROM unnest($1::bigint[], $2::bigint[]) AS r (key, head) WHERE a.account_key = r.key`,
)
const ACCOUNT_ITEMS = named(
  'put-account-items',
  `INSERT INTO account_items (account_key, kind, key, change, value) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[])
   ON CONFLICT (account_key, kind, key) DO UPDATE SET change = excluded.change, value = excluded.value`,
)
const CLEARS = named(
  'clears',
  `DELETE FROM conversation_items i USING unnest($1::bigint[], $2::bigint[]) AS r (key, seq) WHERE i.conversation_key = r.key AND i.subject = r.seq`,
)
const ROOM_ITEMS = named(
  'put-room-items',
  `INSERT INTO conversation_items (conversation_key, kind, key, change, subject, value)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
   ON CONFLICT (conversation_key, kind, key) DO UPDATE SET change = excluded.change, value = excluded.value`,
)
const NEW_ACTS = named(
  'new-acts',
  `INSERT INTO acts (author_key, id, conversation_key, kind, key, change)
   SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])`,
)

const BARS = named(
  'bars',
  'INSERT INTO barred (conversation_key, account_key) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING',
)
const UNBARS = named(
  'unbars',
  `WITH gone AS (
     DELETE FROM barred b USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r (room, account, author)
     WHERE b.conversation_key = r.room AND b.account_key = r.account RETURNING r.room, r.account, r.author, b.by_staff)
   INSERT INTO lifted_bars (conversation_key, account_key, lifted_by) SELECT room, account, author FROM gone WHERE by_staff = 1
   ON CONFLICT (conversation_key, account_key) DO UPDATE SET lifted_by = excluded.lifted_by`,
)

const jsonOf = (state: Room['state']): string | null => (state === null ? null : JSON.stringify(state))

type Row = readonly (string | number | null)[]

/**
 * Sends everything that the jobs have written, without waiting for an answer. @param start the start that writes. @param unnoted conversations to which
 * it writes for the first time. @returns the answers, to be awaited together with the commit's.
 */
export function flushLedger(connection: Connection, ledger: Ledger, start: number, unnoted: readonly Room[]): readonly Promise<unknown>[] {
  const sent: Promise<unknown>[] = []
  const put = (statement: Prepared, rows: readonly Row[], ...more: readonly number[]): void => {
    const [first] = rows
    if (first === undefined) return
    const columns = first.map((_, column) => rows.map((row) => row[column]))
    sent.push(connection.query(statement, [...columns, ...more]))
  }
  const members = [...ledger.changedMembers.values()]

  put(
    NEW_ROOMS,
    ledger.newRooms.map((r) => [
      r.key,
      r.conversationId,
      r.kind,
      r.title,
      r.head,
      r.change,
      r.memberCount,
      r.directKey,
      r.createdAt,
      jsonOf(r.state),
    ]),
  )
  put(
    ROOM_HEADS,
    unnoted.flatMap(({ key, before }) => (before === null ? [] : [[key, before.head, before.change]])),
    start,
  )
  put(
    ROOMS,
    [...ledger.changedRooms].flatMap((r) => (r.before === null ? [] : [[r.key, r.head, r.change, r.memberCount, r.title, jsonOf(r.state)]])),
  )
  put(
    ENTRIES,
    [...ledger.entries.values()].map((e) => [e.room.key, e.seq, e.author.key, e.id, e.acceptedAt, e.kind, e.body, e.asked]),
  )
  put(
    REWRITES,
    [...ledger.rewrites.values()].map(({ room, seq, kind, body }) => [room.key, seq, kind, body]),
  )
  put(
    LEAVES,
    members.flatMap(({ room, account, now }) => (now === null ? [[room.key, account.key]] : [])),
  )
  put(
    MEMBERS,
    members.flatMap(({ room, account, now, waits }) => (now === null ? [] : [[room.key, account.key, now.joinedSeq, now.watermark, waits ? 1 : 0]])),
  )
  const bars = [...ledger.changedBars.values()]
  put(
    BARS,
    bars.flatMap(({ room, account, liftedBy }) => (liftedBy === null ? [[room.key, account.key]] : [])),
  )
  put(
    UNBARS,
    bars.flatMap(({ room, account, liftedBy }) => (liftedBy === null ? [] : [[room.key, account.key, liftedBy.key]])),
  )
  put(
    ACCOUNT_HEADS,
    [...ledger.changedAccounts].map(({ key, head }) => [key, head]),
  )
  put(
    ACCOUNT_ITEMS,
    [...ledger.accountItems.values()].map(({ account, kind, key, change, value }) => [account.key, kind, key, change, value]),
  )
  put(
    CLEARS,
    [...ledger.clears.values()].map(({ room, seq }) => [room.key, seq]),
  )
  put(
    ROOM_ITEMS,
    [...ledger.roomItems.values()].map(({ room, kind, key, change, subject, value }) => [room.key, kind, key, change, subject, value]),
  )
  put(
    NEW_ACTS,
    ledger.newActs.map(({ author, id, room, kind, key, change }) => [author.key, id, room.key, kind, key, change]),
  )
  return sent
}
