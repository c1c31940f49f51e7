import {
  canonicalBody,
  entryKind,
  LIMITS,
  markKind,
  type AccountId,
  type Consent,
  type EntryBody,
  type MarkValue,
  type NamedPerson,
  type RefusalCode,
} from '@bongsu/protocol'
import { effectOf } from './effect.ts'
import type { AppendFacts, CreateFacts, KnownAct, KnownEntry, Place, SetFacts, Subject } from './facts.ts'
import { needsOfSet } from './needs.ts'
import type { AppendRequest, CreateRequest, SetRequest } from './requests.ts'
import { mayCallEveryone, stateOf, whyNotByRole, withNextHost } from './rights.ts'
import { foldRoom, madeBy, type RoomState } from './room-state.ts'

export type LogRefusal = Extract<
  RefusalCode,
  | 'not-a-member'
  | 'id-conflict'
  | 'conversation-kind'
  | 'conversation-full'
  | 'limit-reached'
  | 'body-invalid'
  | 'forbidden'
  | 'member-unknown'
  | 'role-too-low'
  | 'barred'
  | 'subject-gone'
  | 'too-late'
>

/** One entry to write after the head, and its other effects [M1]. */
export interface EntryWrite {
  readonly body: EntryBody
  /** Canonical text of the request, where `body` holds less; null when it equals `body`. */
  readonly asked: string | null
  readonly joins: readonly AccountId[]
  readonly leaves: readonly AccountId[]
  /** Null: the title stays. */
  readonly title: string | null
  /** Null: who owns the room stays [B10]. */
  readonly state: RoomState | null
  /** Who may not come back from now on, and who may again [B13]. */
  readonly bars: readonly AccountId[]
  readonly unbars: readonly AccountId[]
  /** Those of `joins` who know nothing of the conversation until they let the author in [B40]. */
  readonly waits: readonly AccountId[]
  /** Those who are asked: some of `waits`, or strangers who are invited [B44]. */
  readonly asks: readonly AccountId[]
  /** Those of `joins` for whom a request to come in waits no longer. */
  readonly settles: readonly AccountId[]
}

/** One item to write as its owner's next change, and its other effects [I1]. */
export interface ItemWrite {
  readonly owner: 'conversation' | 'account'
  readonly kind: string
  readonly key: string
  /** Seq of the item's entry. */
  readonly seq: number
  /** JSON of the value; null when the mark is taken back. */
  readonly value: string | null
  /** New body of the entry; null when the body stays. The original request is then no longer known [I6]. */
  readonly rewrite: EntryBody | null
  /** Removes all other marks of the entry. */
  readonly clears: boolean
}

export type Decision<Write, Known> = { readonly refuse: LogRefusal } | { readonly repeat: Known } | { readonly write: Write }
/** `keep`: the item already has the requested value; only the id of the act is stored [I2]. */
export type SetDecision = Decision<ItemWrite, KnownAct> | { readonly keep: number }

/** The value of the mark of an entry that staff hid. */
const BY_STAFF: MarkValue<'erased'> = { by: 'staff' }
const NOBODY: readonly AccountId[] = []
const refuse = (code: LogRefusal): { readonly refuse: LogRefusal } => ({ refuse: code })

/** Whether this request repeats the one that the id already names [M2]. Compares the original request, where it is still known. */
function isRepeat(known: KnownEntry, conversationId: string, body: EntryBody): boolean {
  return known.conversationId === conversationId && (known.asked === null || known.asked === canonicalBody(body))
}

/** The rules of an append [M2-M4]. The values of the body are already checked. */
export function decideAppend({ conversationId, author, body, agreed }: AppendRequest, facts: AppendFacts): Decision<EntryWrite, KnownEntry> {
  const { known, place } = facts
  // [M2] This check comes before all others.
  if (known !== null) return isRepeat(known, conversationId, body) ? { repeat: known } : refuse('id-conflict')
  if (place === null) return refuse('not-a-member')
  const kind = entryKind(body.kind)
  if (kind === undefined || kind.by === 'server') return refuse('body-invalid')
  if (!kind.in.includes(place.kind)) return refuse('conversation-kind')
  if (!isSubjectOfReply(kind.subject?.(body), place)) return refuse('body-invalid')
  const fault = whyNotByRole(author, body, place, facts)
  if (fault !== null) return refuse(fault)
  const guests = guestsIn(facts.people, agreed === true)
  if (guests === null) return refuse('member-unknown')
  let narrowed = kind.narrow === undefined ? withNextHost(author, body, place, facts) : kind.narrow(body, guests.come)
  // Whether strangers are asked, or were before, or have blocked the author, the answer is the same [B1, B44].
  if (body.kind === 'invited' && narrowed === 'body-invalid' && guests.strangers.length > 0) narrowed = { kind: 'invited', accounts: NOBODY }
  if (typeof narrowed === 'string') return refuse(narrowed as LogRefusal)
  const effect = effectOf(author, narrowed)
  const joins = effect.joins ?? []
  if (place.memberCount + joins.length > LIMITS.membersMax) return refuse('conversation-full')
  if (facts.people.some(({ accountId, isAtLimit }) => isAtLimit && joins.includes(accountId))) return refuse('limit-reached')
  const before = stateOf(place, facts.maker)
  const after = foldRoom(before, author, narrowed)
  const bars = narrowed.kind === 'removed' && narrowed.barred ? [narrowed.accountId] : NOBODY
  const unbars =
    facts.people.length === 0 ? NOBODY : facts.people.flatMap(({ accountId, isBarred }) => (isBarred && joins.includes(accountId) ? [accountId] : []))
  const asks = body.kind === 'invited' ? toAsk(guests.strangers, ['ask']) : NOBODY
  const settles =
    joins.length === 0 ? NOBODY : facts.people.flatMap(({ accountId, asked }) => (asked === 'waits' && joins.includes(accountId) ? [accountId] : []))
  return { write: entryWrite(narrowed, body, { ...effect, state: after === before ? null : after, bars, unbars, asks, settles }) }
}

interface Guests {
  readonly come: readonly NamedPerson[]
  readonly strangers: readonly NamedPerson[]
}

/**
 * Those whom the author can bring into a conversation, and those who decide for themselves. One who has blocked the author is left out, like one who does
 * not exist [B2]. @param agreed the one who is named has decided to come. @returns null when nobody had asked that one.
 */
function guestsIn(people: readonly NamedPerson[], agreed: boolean): Guests | null {
  if (agreed) return people.length === 1 && people[0]?.asked === 'waits' ? { come: people, strangers: [] } : null
  return {
    come: people.filter(({ isMember, consent, blocksAuthor }) => isMember || (consent === 'free' && !blocksAuthor)),
    strangers: people.filter(({ isMember, consent }) => !isMember && consent !== 'free'),
  }
}

/** One group asks nobody twice [B44]. */
function toAsk(strangers: readonly NamedPerson[], when: readonly Consent[]): readonly AccountId[] {
  return strangers
    .filter(({ consent, asked, blocksAuthor }) => when.includes(consent) && asked === 'never' && !blocksAuthor)
    .map(({ accountId }) => accountId)
}

/** A reply must refer to an existing entry that its author may see. An erased entry does not make the reply wrong. */
function isSubjectOfReply(seq: number | undefined, { joinedSeq, head }: Place): boolean {
  return seq === undefined || (seq >= joinedSeq && seq <= head)
}

function entryWrite(
  body: EntryBody,
  asked: EntryBody,
  {
    joins = NOBODY,
    leaves = NOBODY,
    title = null,
    state = null,
    bars = NOBODY,
    unbars = NOBODY,
    waits = NOBODY,
    asks = NOBODY,
    settles = NOBODY,
  }: Partial<EntryWrite>,
): EntryWrite {
  const askedText = body === asked ? null : canonicalBody(asked)
  const request = askedText === null || askedText === canonicalBody(body) ? null : askedText
  return { body, asked: request, joins, leaves, title, state, bars, unbars, waits, asks, settles }
}

/** The rules of creating a conversation. A repeated request is answered with the conversation created the first time [M2]. */
export function decideCreate(request: CreateRequest, facts: CreateFacts): Decision<EntryWrite, KnownEntry> {
  const { author, accounts, kind, title, rights } = request
  const asked: EntryBody & { readonly kind: 'created' } = { kind: 'created', title, accounts, ...(rights === undefined ? {} : { rights }) }
  if (!facts.authorExists) return refuse('body-invalid')
  // The server makes a new conversation id for each try. The person's request is what must be the same.
  if (facts.known !== null) {
    const isSame = kind === 'group' && isRepeat(facts.known, facts.known.conversationId, asked)
    return isSame ? { repeat: facts.known } : refuse('id-conflict')
  }
  const named = facts.people.filter(({ accountId }) => accountId !== author)
  // A direct conversation is the same for both, and the devices of the one who blocks do not show it [B3].
  const guests = guestsIn(named, false) as Guests
  const others = kind === 'group' ? guests.come : named
  const isEmpty = accounts.length > 0 && others.length + guests.strangers.length === 0
  if (accounts.length > LIMITS.inviteesPerEntryMax || isEmpty) return refuse('body-invalid')
  if (others.length + 1 > LIMITS.membersMax) return refuse('conversation-full')
  // [B42] Whoever waits takes no place.
  const strangers = kind === 'direct' ? guests.strangers : []
  if (facts.authorIsAtLimit || others.some((one) => one.isAtLimit && !strangers.includes(one))) return refuse('limit-reached')
  // [B79] Also for one whom they have blocked, who would ask nothing.
  if (strangers.some(({ consent }) => consent === 'full')) return refuse('limit-reached')
  const body = { ...asked, accounts: others.map(({ accountId }) => accountId) }
  const state = rights === undefined ? null : foldRoom(madeBy(author), author, body)
  const waits = strangers.map(({ accountId }) => accountId)
  const asks = toAsk(guests.strangers, kind === 'direct' ? ['ask', 'crowded'] : ['ask'])
  return { write: entryWrite(body, asked, { ...effectOf(author, body), state, waits, asks }) }
}

/** The rules of an act [I1-I8]. The value is already checked. @param now epoch ms, server clock. */
export function decideSet(request: SetRequest, facts: SetFacts, now: number): SetDecision {
  const { conversationId, author, seq, act, byStaff = false } = request
  const { known, place, subject, current } = facts
  const needs = needsOfSet(request)
  // The value is not compared, because the original request may have been erased since.
  if (known !== null) {
    const isSame = known.conversationId === conversationId && known.kind === act.kind && known.key === needs.key
    return isSame ? { repeat: known } : refuse('id-conflict')
  }
  if (place === null) return refuse('not-a-member')
  const kind = markKind(act.kind)
  if (kind === undefined || (byStaff && act.kind !== 'erased')) return refuse('body-invalid')
  // [I4] A mark never hits an entry other than the one its author saw.
  if (subject === null || subject.id !== request.subject || seq < place.joinedSeq) return refuse('subject-gone') // [seam: mark-subject]
  const isErased = subject.body.kind === 'erased'
  if (isErased && kind.final) return current === null ? refuse('subject-gone') : { keep: current.change }
  if (isErased && kind.on !== 'any') return refuse('subject-gone')
  if (!isAbout(kind.on, subject.body)) return refuse('body-invalid')
  if (kind.by === 'author' && subject.author !== author) return refuse('forbidden')
  if (!byStaff && isTooLate(kind.withinMs, place, subject, now)) return refuse('too-late')
  const stored = act.value === null ? null : byStaff ? BY_STAFF : kind.stored(act.value, now)
  const value = stored === null ? null : JSON.stringify(stored)
  const held = current?.value ?? null
  if (value === heldAsOf(kind, held, now)) return { keep: current?.change ?? 0 }
  if (kind.differentMax !== null && value !== null && facts.different >= kind.differentMax) return refuse('limit-reached')
  if (held === null && facts.marks >= LIMITS.marksPerEntryMax) return refuse('limit-reached')
  if (kind.perAccountMax !== null && current === null && facts.own >= kind.perAccountMax) return refuse('limit-reached')
  const rewrite = stored === null || kind.rewrite === undefined ? null : kind.rewrite(subject.body, stored)
  // An edit may keep a mention of everyone that was allowed when the entry was written.
  if (rewrite !== null && entryKind(subject.body.kind)?.callsEveryone?.(subject.body) !== true) {
    if (!mayCallEveryone(author, rewrite, place, stateOf(place, facts.maker))) return refuse('forbidden')
  }
  return { write: { owner: kind.owner, kind: act.kind, key: needs.key, seq, value, rewrite, clears: kind.final } }
}

/** The held value as it would be stored if it were asked for now: a time of its own makes no value another one [I1]. */
function heldAsOf(kind: NonNullable<ReturnType<typeof markKind>>, held: string | null, now: number): string | null {
  return held === null ? null : JSON.stringify(kind.stored(kind.asked(JSON.parse(held)), now))
}

function isAbout(on: 'said' | 'any' | readonly string[], body: EntryBody): boolean {
  if (on === 'any') return true
  return on === 'said' ? entryKind(body.kind)?.class === 'said' : on.includes(body.kind)
}

/** By the server's clock alone. A clock that went back makes nothing too late. A self conversation concerns nobody else, so it has no limit. */
function isTooLate(withinMs: number | null, place: Place, subject: Subject, now: number): boolean {
  return withinMs !== null && place.kind !== 'self' && now - subject.acceptedAt > withinMs
}

/** The new position of a watermark [R1, R2]; null when it does not rise. */
export function decideRaise(watermark: number, asked: number, head: number): number | null {
  const next = Math.min(asked, head)
  return next > watermark ? next : null
}
