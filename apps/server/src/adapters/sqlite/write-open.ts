import { LIMITS, type AccountId, type ConversationId, type ConversationKind } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import type { AppendRefused, CreateGroupRequest, Opened } from '../../conversation/log-store.ts'
import { one } from './connection.ts'
import { encodeBody } from './encode-body.ts'
import { existing } from './write-append.ts'
import { uuidToBytes } from './uuid-bytes.ts'
import type { Entries } from './write-entries.ts'
import type { Members, Person } from './write-members.ts'

export interface DirectJob {
  readonly conversationId: ConversationId
  readonly id: string
  readonly author: AccountId
  readonly other: AccountId
}

export type OpenAnswer = Opened | AppendRefused['code']

/** Making conversations: each begins with its `created` entry, seq 1. */
export interface Opening {
  openDirect(job: DirectJob, now: number): OpenAnswer
  createGroup(job: CreateGroupRequest, now: number): OpenAnswer
}

interface NewConversation {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly title: string
  readonly directKey: string | null
  readonly author: Person
  readonly others: readonly Person[]
  readonly id: string
  /** JSON of the `created` body as asked for. */
  readonly asked: string
}

export function prepareOpening(db: DatabaseSync, entries: Entries, members: Members): Opening {
  const byDirectKey = db.prepare('SELECT conversation_id AS conversationId FROM conversations WHERE direct_key = ?')
  const insert = db.prepare(`
    INSERT INTO conversations (conversation_id, kind, title, head, member_count, direct_key, created_at) VALUES (?, ?, ?, 0, 0, ?, ?)
    RETURNING conversation_key AS key`)

  function create(made: NewConversation, now: number): OpenAnswer {
    const everybody = [made.author, ...made.others]
    if (everybody.length > LIMITS.membersMax) return 'conversation-full'
    if (everybody.some((person) => members.atLimit(person.key))) return 'limit-reached'
    const { conversationId, kind, title } = made
    const key = one<{ key: number }>(insert, conversationId, kind, title, made.directKey, now)?.key as number
    const body = encodeBody({ kind: 'created', title, accounts: made.others.map((person) => person.accountId) })
    const asked = body === made.asked ? null : made.asked
    const seq = entries.write({
      conversationKey: key,
      head: 0,
      authorKey: made.author.key,
      id: uuidToBytes(made.id),
      acceptedAt: now,
      kind: 'created',
      body,
      asked,
    })
    members.join({ key, conversationId, kind }, everybody, seq)
    return { conversationId, existed: false, accounts: everybody.map((person) => person.accountId) }
  }

  return {
    openDirect({ conversationId, id, author, other }, now) {
      // The same pair in the same order whoever asks, so that two people have one conversation however often they open it.
      const directKey = author < other ? `${author}:${other}` : `${other}:${author}`
      const there = one<{ conversationId: ConversationId }>(byDirectKey, directKey)
      if (there) return { conversationId: there.conversationId, existed: true, accounts: [] }
      const authorKey = members.keyOf(author)
      const otherKey = members.keyOf(other)
      if (authorKey === undefined || otherKey === undefined) return 'body-invalid'
      if (entries.known(authorKey, uuidToBytes(id))) return 'id-conflict'
      const others = author === other ? [] : [{ accountId: other, key: otherKey }]
      const asked = encodeBody({ kind: 'created', title: '', accounts: others.map((person) => person.accountId) })
      const kind = author === other ? 'self' : 'direct'
      return create({ conversationId, kind, title: '', directKey, author: { accountId: author, key: authorKey }, others, id, asked }, now)
    },

    createGroup({ conversationId, author, id, title, accounts }, now) {
      const authorKey = members.keyOf(author)
      if (authorKey === undefined) return 'body-invalid'
      const asked = encodeBody({ kind: 'created', title, accounts: [...accounts] })
      const known = entries.known(authorKey, uuidToBytes(id))
      if (known) {
        // The conversation id is the server's and new at each try; what the person asked for is what must be the same [M2].
        if ((known.asked ?? known.body) !== asked) return 'id-conflict'
        return { conversationId: known.conversationId as ConversationId, existed: true, accounts: [] }
      }
      if (accounts.length > LIMITS.inviteesPerEntryMax) return 'body-invalid'
      const others = existing(members, accounts).filter((person) => person.key !== authorKey)
      if (accounts.length > 0 && others.length === 0) return 'body-invalid'
      return create({ conversationId, kind: 'group', title, directKey: null, author: { accountId: author, key: authorKey }, others, id, asked }, now)
    },
  }
}
