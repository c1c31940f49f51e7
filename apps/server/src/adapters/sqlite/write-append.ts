import { LIMITS, type AccountId, type ConversationKind } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import type { AppendRefused } from '../../conversation/log-store.ts'
import { one } from './connection.ts'
import { encodeBody } from './encode-body.ts'
import { uuidToBytes } from './uuid-bytes.ts'
import type { Entries, KnownEntry } from './write-entries.ts'
import type { Members, Person } from './write-members.ts'

/** One request as it crosses to the writer. `body` is JSON as encodeBody makes it. */
export interface AppendJob {
  readonly conversationId: string
  readonly author: AccountId
  readonly id: string
  readonly kind: string
  readonly body: string
}

/** The seq alone says: written just now, as asked, nobody came or went. That is what nearly every answer is, so it is the cheapest to carry. */
export type AppendAnswer = number | AppendRefused['code'] | AppendDetail

export interface AppendDetail {
  readonly seq: number
  readonly acceptedAt: number
  readonly repeated: boolean
  /** JSON of what the log holds; null: as asked. */
  readonly body: string | null
  readonly accounts: readonly AccountId[]
}

/** The author, and the conversation when the author is in it. */
interface PlaceRow {
  readonly authorKey: number
  /** Seq of the entry that this author has given this id before, wherever it is. */
  readonly known: number | null
  readonly key: number | null
  readonly kind: ConversationKind
  readonly head: number
  readonly memberCount: number
}

export type Append = (job: AppendJob, now: number) => AppendAnswer

export function prepareAppend(db: DatabaseSync, entries: Entries, members: Members): Append {
  // Who, where and whether known in one statement: as three they cost a tenth of an append more.
  const placeOf = db.prepare(`
    SELECT a.account_key AS authorKey, e.seq AS known, c.conversation_key AS key, c.kind, c.head, c.member_count AS memberCount FROM accounts a
    LEFT JOIN entries e ON e.author_key = a.account_key AND e.id = ?
    LEFT JOIN members m ON m.account_key = a.account_key AND m.conversation_key = (SELECT conversation_key FROM conversations WHERE conversation_id = ?)
    LEFT JOIN conversations c ON c.conversation_key = m.conversation_key WHERE a.account_id = ?`)
  const rename = db.prepare('UPDATE conversations SET title = ? WHERE conversation_key = ?')

  function append(job: AppendJob, now: number): AppendAnswer {
    const id = uuidToBytes(job.id)
    const row = one<PlaceRow>(placeOf, id, job.conversationId, job.author)
    if (row === undefined) return 'not-a-member'
    const { authorKey } = row
    const known = row.known === null ? undefined : entries.known(authorKey, id)
    if (known) return repeat(job, known) // [seam: sqlite-known-id]
    const { key } = row
    if (key === null) return 'not-a-member'
    if (job.kind !== 'text' && row.kind !== 'group') return 'conversation-kind'

    const place = { key, conversationId: job.conversationId, kind: row.kind }
    const write = (body: string): number =>
      entries.write({
        conversationKey: key,
        head: row.head,
        authorKey,
        id,
        acceptedAt: now,
        kind: job.kind,
        body,
        asked: body === job.body ? null : job.body,
      })

    switch (job.kind) {
      case 'text':
        return write(job.body)
      case 'renamed': {
        rename.run((JSON.parse(job.body) as { title: string }).title, row.key)
        return write(job.body)
      }
      case 'left': {
        members.leave(place, authorKey)
        return { seq: write(job.body), acceptedAt: now, repeated: false, body: null, accounts: [job.author] }
      }
      case 'invited': {
        const people = newcomers(key, (JSON.parse(job.body) as { accounts: AccountId[] }).accounts)
        if (typeof people === 'string') return people
        if (row.memberCount + people.length > LIMITS.membersMax) return 'conversation-full'
        if (people.some((person) => members.atLimit(person.key))) return 'limit-reached'
        const accounts = people.map((person) => person.accountId)
        const body = encodeBody({ kind: 'invited', accounts })
        const seq = write(body)
        members.join(place, people, seq)
        return { seq, acceptedAt: now, repeated: false, body: body === job.body ? null : body, accounts }
      }
      default:
        return 'body-invalid'
    }
  }

  /** Those named who exist and are not in it yet, each once, in the order named. */
  function newcomers(conversationKey: number, named: readonly AccountId[]): Person[] | 'body-invalid' {
    if (named.length > LIMITS.inviteesPerEntryMax) return 'body-invalid'
    const people = existing(members, named).filter((person) => !members.has(conversationKey, person.key))
    return people.length === 0 ? 'body-invalid' : people
  }

  return append
}

/** Those of the accounts that exist, each once, in the order named. */
export function existing(members: Members, named: readonly AccountId[]): Person[] {
  return [...new Set(named)].flatMap((accountId) => {
    const key = members.keyOf(accountId)
    return key === undefined ? [] : [{ accountId, key }]
  })
}

/** The answer of the first time [M2]. What was asked is compared, not what was written: people who were members by then were left out. */
function repeat(job: AppendJob, known: KnownEntry): AppendAnswer {
  if (known.conversationId !== job.conversationId || (known.asked ?? known.body) !== job.body) return 'id-conflict'
  return {
    seq: known.seq,
    acceptedAt: known.acceptedAt,
    repeated: true,
    body: known.asked === null ? null : known.body,
    accounts: movedBy(job, known.body),
  }
}

function movedBy(job: AppendJob, body: string): readonly AccountId[] {
  if (job.kind === 'left') return [job.author]
  return job.kind === 'invited' ? (JSON.parse(body) as { accounts: AccountId[] }).accounts : []
}
