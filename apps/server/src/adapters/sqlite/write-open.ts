import { decideCreate, type CreateRequest, type EntryWrite, type LogRefusal } from '@bongsu/log'
import { canonicalBody, type AccountId, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { DatabaseSync } from 'node:sqlite'
import type { CreateGroupRequest, Opened } from '../../conversation/log-store.ts'
import { one } from './connection.ts'
import { uuidToBytes } from './uuid-bytes.ts'
import type { Entries } from './write-entries.ts'
import type { Members } from './write-members.ts'

export interface DirectJob {
  readonly conversationId: ConversationId
  readonly id: ClientMessageId
  readonly author: AccountId
  readonly other: AccountId
}

export type OpenAnswer = Opened | LogRefusal

/** Creates conversations. Each starts with its `created` entry, seq 1. */
export interface Opening {
  openDirect(job: DirectJob, now: number): OpenAnswer
  createGroup(job: CreateGroupRequest, now: number): OpenAnswer
}

interface NewConversation {
  readonly request: CreateRequest
  readonly directKey: string | null
  readonly authorKey: number
  readonly now: number
}

export function prepareOpening(db: DatabaseSync, entries: Entries, members: Members): Opening {
  const byDirectKey = db.prepare('SELECT conversation_id AS conversationId FROM conversations WHERE direct_key = ?')
  const insert = db.prepare(`
    INSERT INTO conversations (conversation_id, kind, title, head, member_count, direct_key, created_at, state) VALUES (?, ?, ?, 0, 0, ?, ?, ?)
    RETURNING conversation_key AS key`)

  function create(request: CreateRequest, directKey: string | null, now: number): OpenAnswer {
    const authorKey = members.keyOf(request.author)
    const decision = decideCreate(request, {
      known: authorKey === undefined ? null : (entries.known(authorKey, uuidToBytes(request.id)) ?? null),
      authorExists: authorKey !== undefined,
      authorIsAtLimit: authorKey !== undefined && members.atLimit(authorKey),
      people: members.named(null, request.accounts, request.author),
    })
    if ('refuse' in decision) return decision.refuse
    if ('repeat' in decision) return { conversationId: decision.repeat.conversationId as ConversationId, existed: true, accounts: [] }
    return write({ request, directKey, authorKey: authorKey as number, now }, decision.write)
  }

  function write(
    { request, directKey, authorKey, now }: NewConversation,
    { body, asked, joins, state, waits, asks, settles }: EntryWrite,
  ): OpenAnswer {
    const { conversationId, kind, title } = request
    const key = one<{ key: number }>(insert, conversationId, kind, title, directKey, now, state === null ? null : JSON.stringify(state))
      ?.key as number
    const id = uuidToBytes(request.id)
    const seq = entries.write({
      conversationKey: key,
      head: 0,
      authorKey,
      id,
      acceptedAt: now,
      kind: body.kind,
      body: canonicalBody(body),
      asked,
    })
    const place = { key, conversationId, kind }
    members.join(place, members.existing(joins), seq, waits)
    members.ask(place, { asks, settles }, request.author, now)
    return { conversationId, existed: false, accounts: [...new Set([...joins, ...asks])] }
  }

  return {
    openDirect({ conversationId, id, author, other }, now) {
      // The pair in the same order for both people, so that two people have one conversation however often they open it.
      const directKey = author < other ? `${author}:${other}` : `${other}:${author}`
      const there = one<{ conversationId: ConversationId }>(byDirectKey, directKey)
      if (there) return { conversationId: there.conversationId, existed: true, accounts: [] }
      const kind = author === other ? 'self' : 'direct'
      return create({ conversationId, id, author, kind, title: '', accounts: author === other ? [] : [other] }, directKey, now)
    },

    createGroup: (request, now) => create({ ...request, kind: 'group' }, null, now),
  }
}
