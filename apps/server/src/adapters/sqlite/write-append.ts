import { decideAppend, effectOf, needsOfAppend, type EntryWrite, type KnownEntry, type LogRefusal, type RoomState } from '@bongsu/log'
import { canonicalBody, type AccountId, type ClientMessageId, type ConversationId, type ConversationKind, type SendBody } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import { one } from './connection.ts'
import { uuidToBytes } from './uuid-bytes.ts'
import type { Entries } from './write-entries.ts'
import type { Members } from './write-members.ts'

/** One request as sent to the writer. `body` is the canonical JSON. */
export interface AppendJob {
  readonly conversationId: ConversationId
  readonly author: AccountId
  readonly id: ClientMessageId
  readonly body: string
  readonly agreed?: true
}

/** A seq alone means: written now, as requested, nobody joined or left. Nearly every answer is of this kind, so it is the cheapest to send. */
export type AppendAnswer = number | LogRefusal | AppendDetail

export interface AppendDetail {
  readonly seq: number
  readonly acceptedAt: number
  readonly repeated: boolean
  /** JSON of the stored body; null when it equals the request. */
  readonly body: string | null
  readonly accounts: readonly AccountId[]
}

/** The author, and the conversation when the author is a member. */
interface PlaceRow {
  readonly authorKey: number
  /** Seq of the entry to which this author gave this id before, in any conversation. */
  readonly known: number | null
  readonly key: number | null
  readonly kind: ConversationKind
  readonly head: number
  readonly change: number
  readonly memberCount: number
  readonly joinedSeq: number
  /** JSON; null where nothing was chosen. */
  readonly state: string | null
}

export type Append = (job: AppendJob, now: number) => AppendAnswer

export function prepareAppend(db: DatabaseSync, entries: Entries, members: Members): Append {
  // Author, place and known id in one statement: three statements cost a tenth of an append more.
  const placeOf = db.prepare(`
    SELECT a.account_key AS authorKey, e.seq AS known, c.conversation_key AS key, c.kind, c.head, c.change, c.member_count AS memberCount, c.state,
      m.joined_seq AS joinedSeq FROM accounts a
    LEFT JOIN entries e ON e.author_key = a.account_key AND e.id = ?
    LEFT JOIN members m ON m.account_key = a.account_key AND m.conversation_key = (SELECT conversation_key FROM conversations WHERE conversation_id = ?)
      AND m.waiting = 0
    LEFT JOIN conversations c ON c.conversation_key = m.conversation_key WHERE a.account_id = ?`)
  const rename = db.prepare('UPDATE conversations SET title = ? WHERE conversation_key = ?')
  const own = db.prepare('UPDATE conversations SET state = ? WHERE conversation_key = ?')

  function append(job: AppendJob, now: number): AppendAnswer {
    const { conversationId, author } = job
    const id = uuidToBytes(job.id)
    const row = one<PlaceRow>(placeOf, id, conversationId, author)
    if (row === undefined) return 'not-a-member'
    const { authorKey, key } = row
    const body = JSON.parse(job.body) as SendBody
    const needs = needsOfAppend(body)
    const known = row.known === null ? null : (entries.known(authorKey, id) ?? null) // [seam: sqlite-known-id]
    const decision = decideAppend(
      { conversationId, author, id: job.id, body, ...(job.agreed === true ? { agreed: true } : {}) },
      {
        known,
        place: key === null ? null : placeIn(row),
        people: key === null ? [] : members.named({ key, conversationId }, needs.people, author),
        maker: needs.maker && key !== null ? entries.authorOfFirst(key) : null,
        oldest: needs.oldest && key !== null ? members.oldest(key, authorKey) : null,
        barred: needs.barred && key !== null ? members.barred(key) : 0,
      },
    )
    if ('refuse' in decision) return decision.refuse
    if ('repeat' in decision) return repeated(author, decision.repeat)
    return write({ key: key as number, conversationId, kind: row.kind }, row, id, job, decision.write, now)
  }

  function write(
    place: { readonly key: number; readonly conversationId: ConversationId; readonly kind: ConversationKind },
    { authorKey, head }: PlaceRow,
    id: Uint8Array,
    job: AppendJob,
    { body, asked, joins, leaves, title, state, bars, unbars, asks, settles }: EntryWrite,
    now: number,
  ): AppendAnswer {
    // When the body is stored as requested, the text from the request is already canonical.
    const text = asked === null ? job.body : canonicalBody(body)
    const seq = entries.write({ conversationKey: place.key, head, authorKey, id, acceptedAt: now, kind: body.kind, body: text, asked })
    if (title !== null) rename.run(title, place.key)
    if (state !== null) own.run(JSON.stringify(state), place.key)
    if (joins.length + leaves.length + asks.length === 0 && asked === null) return seq
    for (const { key } of members.existing(leaves)) members.leave(place, key)
    if (bars.length + unbars.length > 0) members.bar(place.key, members.existing(bars), members.existing(unbars), job.author)
    members.join(place, members.existing(joins), seq)
    members.ask(place, { asks, settles }, job.author, now)
    return { seq, acceptedAt: now, repeated: false, body: asked === null ? null : text, accounts: [...joins, ...leaves, ...asks] }
  }

  return append
}

/** The place as the rules know it. */
export function placeIn<Row extends { readonly state: string | null }>(row: Row): Row & { readonly state: RoomState | null } {
  return (row.state === null ? row : { ...row, state: JSON.parse(row.state) as RoomState }) as Row & { readonly state: RoomState | null }
}

/** The answer of the first time [M2]. */
function repeated(author: AccountId, { seq, acceptedAt, body }: KnownEntry): AppendAnswer {
  const { joins = [], leaves = [] } = effectOf(author, body)
  return { seq, acceptedAt, repeated: true, body: canonicalBody(body), accounts: [...joins, ...leaves] }
}
