import {
  decideAppend,
  decideCreate,
  decideRaise,
  decideSet,
  effectOf,
  needsOfAppend,
  needsOfSet,
  type AppendRequest,
  type CreateRequest,
  type EntryWrite,
  type ItemWrite,
  type KnownEntry,
  type SetRequest,
} from '@bongsu/log'
import { canonicalBody, type ConversationId, type EntryBody } from '@bongsu/protocol'
import type { AppendRefused, AppendResult, Opened, SetResult } from '../../conversation/log-store.ts'
import type { RaiseRequest } from '../../receipts/receipt-store.ts'
import type { Account, Ledger, Room } from './ledger.ts'
import { directKeyOf, type WriteJob } from './write-job.ts'

const refused = (code: AppendRefused['code']): AppendRefused => ({ ok: false, code })

/** Decides one job on the ledger and writes its effects there. @param newKey gives keys of new conversations. @returns the job's answer. */
export function decideJob(ledger: Ledger, job: WriteJob, newKey: () => number): unknown {
  switch (job.t) {
    case 'append':
      return job.batch.map((request, index) => append(ledger, request, job.texts[index] as string, job.now))
    case 'set':
      return job.batch.map((request) => set(ledger, request, job.now))
    case 'direct': {
      const { conversationId, id, author, other } = job.job
      const directKey = directKeyOf(job.job)
      const there = ledger.directs.get(directKey)
      if (there !== undefined) return repeatedRoom(there)
      const kind = author === other ? 'self' : 'direct'
      const request: CreateRequest = { conversationId, id, author, kind, title: '', accounts: author === other ? [] : [other] }
      return create(ledger, { request, directKey, now: job.now, key: newKey() })
    }
    case 'group':
      return create(ledger, { request: { ...job.job, kind: 'group' }, directKey: null, now: job.now, key: newKey() })
    case 'raise':
      return job.batch.map((request) => raise(ledger, request))
    case 'probe':
    case 'epoch':
      return null
  }
}

function append(ledger: Ledger, request: AppendRequest, text: string, now: number): AppendResult {
  const { conversationId, author: accountId, id, body } = request
  const author = ledger.accounts.get(accountId)
  if (author === undefined) return refused('not-a-member')
  const room = ledger.rooms.get(conversationId)
  const place = ledger.place(room, author)
  const needs = needsOfAppend(body)
  const decision = decideAppend(request, {
    known: ledger.known(accountId, id),
    place,
    people: place === null ? [] : ledger.named(room as Room, needs.people, accountId),
    maker: needs.maker ? (ledger.makers.get(conversationId) ?? null) : null,
    oldest: needs.oldest && place !== null ? ledger.oldestIn(room as Room, author) : null,
    barred: needs.barred ? (ledger.barred.get(conversationId) ?? 0) : 0,
  })
  if ('refuse' in decision) return refused(decision.refuse)
  if ('repeat' in decision) return repeatedEntry(author, decision.repeat)
  return writeEntry(ledger, { room: room as Room, author, id, text, now }, decision.write, body)
}

interface EntryPlace {
  readonly room: Room
  readonly author: Account
  readonly id: string
  /** Canonical text of the request. */
  readonly text: string
  readonly now: number
}

function writeEntry(
  ledger: Ledger,
  { room, author, id, text, now }: EntryPlace,
  { body, asked, joins, leaves, title, state, bars, unbars, asks, settles }: EntryWrite,
  requested: EntryBody,
): AppendResult {
  // When the body is stored as requested, the text from the request is already canonical.
  const stored = asked === null ? text : canonicalBody(body)
  const seq = ledger.writeEntry({ room, author, id, acceptedAt: now, kind: body.kind, body: stored, asked }, { body, asked: asked ?? stored })
  if (title !== null) room.title = title
  if (state !== null) room.state = state
  for (const account of ledger.existing(leaves)) ledger.leave(room, account)
  for (const account of ledger.existing(bars)) ledger.bar(room, account, null)
  for (const account of ledger.existing(unbars)) ledger.bar(room, account, author)
  ledger.join(room, ledger.existing(joins), seq, author.accountId)
  ledger.ask(room, { asks, settles }, author.accountId, now)
  return { ok: true, seq, acceptedAt: now, repeated: false, body: asked === null ? requested : body, accounts: [...joins, ...leaves, ...asks] }
}

/** The answer of the first time [M2]. */
function repeatedEntry(author: Account, { seq, acceptedAt, body }: KnownEntry): AppendResult {
  const { joins = [], leaves = [] } = effectOf(author.accountId, body)
  return { ok: true, seq, acceptedAt, repeated: true, body, accounts: [...joins, ...leaves] }
}

function repeatedRoom(conversationId: ConversationId): Opened {
  return { conversationId, existed: true, accounts: [] }
}

interface NewConversation {
  readonly request: CreateRequest
  readonly directKey: string | null
  readonly now: number
  readonly key: number
}

function create(ledger: Ledger, { request, directKey, now, key }: NewConversation): Opened | AppendRefused {
  const { conversationId, kind, title, accounts, id } = request
  const author = ledger.accounts.get(request.author)
  const decision = decideCreate(request, {
    known: ledger.known(request.author, id),
    authorExists: author !== undefined,
    authorIsAtLimit: author !== undefined && ledger.isAtLimit(author),
    people: ledger.named(null, accounts, request.author),
  })
  if ('refuse' in decision) return refused(decision.refuse)
  if ('repeat' in decision) return repeatedRoom(decision.repeat.conversationId as ConversationId)
  const { body, asked, joins, state, waits, asks, settles } = decision.write
  const room: Room = {
    key,
    conversationId,
    kind,
    title,
    called: title,
    directKey,
    createdAt: now,
    before: null,
    head: 0,
    change: 0,
    memberCount: 0,
    state,
  }
  ledger.rooms.set(conversationId, room)
  ledger.newRooms.push(room)
  if (directKey !== null) ledger.directs.set(directKey, conversationId)
  const text = canonicalBody(body)
  const seq = ledger.writeEntry(
    { room, author: author as Account, id, acceptedAt: now, kind: body.kind, body: text, asked },
    { body, asked: asked ?? text },
  )
  ledger.makers.set(conversationId, request.author)
  ledger.join(room, ledger.existing(joins), seq, request.author, waits)
  ledger.ask(room, { asks, settles }, request.author, now)
  return { conversationId, existed: false, accounts: [...new Set([...joins, ...asks])] }
}

function set(ledger: Ledger, request: SetRequest, now: number): SetResult {
  const { conversationId, author: accountId, id, seq } = request
  const author = ledger.accounts.get(accountId)
  if (author === undefined) return refused('not-a-member')
  const room = ledger.rooms.get(conversationId)
  const place = ledger.place(room, author, request.byStaff)
  const needs = needsOfSet(request)
  const isIn = room !== undefined && place !== null
  const counts = isIn && needs.differentFrom !== null ? ledger.counts(room, seq, needs.kind, needs.differentFrom) : { different: 0, marks: 0 }
  const decision = decideSet(
    request,
    {
      known: ledger.knownAct(accountId, id),
      place,
      subject: isIn ? ledger.subject(room, seq) : null,
      current: isIn ? ledger.item(needs.owner, needs.owner === 'account' ? author.key : room.key, needs.kind, needs.key) : null,
      ...counts,
      maker: isIn && needs.maker ? (ledger.makers.get(conversationId) ?? null) : null,
      own: needs.countOwn ? ledger.own(author, needs.kind) : 0,
    },
    now,
  )
  if ('refuse' in decision) return refused(decision.refuse)
  if ('repeat' in decision) {
    return { ok: true, change: decision.repeat.change, head: 0, repeated: true, written: null }
  }
  const written = 'write' in decision ? decision.write : null
  const change = written === null ? (decision as { keep: number }).keep : writeItem(ledger, room as Room, author, written)
  ledger.keepAct(author, id, room as Room, { kind: needs.kind, key: needs.key, change })
  return { ok: true, change, head: (room as Room).head, repeated: false, written }
}

function writeItem(ledger: Ledger, room: Room, author: Account, item: ItemWrite): number {
  if (item.owner === 'account') return ledger.putAccountItem(author, item.kind, item.key, item.value)
  const change = ledger.putRoomItem(room, item)
  if (item.rewrite !== null) ledger.rewrite(room, item.seq, item.rewrite, canonicalBody(item.rewrite))
  return change
}

function raise(ledger: Ledger, { conversationId, accountId, seq }: RaiseRequest): boolean {
  const room = ledger.rooms.get(conversationId)
  const account = ledger.accounts.get(accountId)
  const member = room === undefined || account === undefined ? undefined : ledger.member(room, account)
  if (room === undefined || account === undefined || member === undefined) return false
  const next = decideRaise(member.watermark, seq, room.head)
  if (next === null) return false
  ledger.raise(room, account, member, next)
  return true
}
