import { REFUSALS, type ClientMessageId, type ConversationId, type RefusalCode, type Retry, type SendBody, type UpFrame } from '@bongsu/protocol'
import type { OutboxItem, WrittenAct, WrittenEntry } from './ports.ts'

/** Most waiting entries written on one device. Beyond it `send` rejects. */
export const outboxItemsMax = 1_000
/** Most own messages waiting on one device because a restore lost them [A4]. The newest are kept. */
export const putBackMax = 5_000
/** Most accepted entries kept because they have not arrived [A4]. The newest are kept. */
export const acceptedMax = 1_000
/** Most conversations with an entry in flight. */
export const inFlightMax = 8
/** An entry without an answer for this long is sent again, under the same id [M2]. The wait doubles with each try. */
export const answerMs = 15_000
export const answerMsMax = 60_000
/** Shortest and longest wait after a "later" refusal. */
export const retryMsMin = 1_000
export const retryMsMax = 300_000
/** A wait of one's own, which no server has given, doubles up to this. It is spread up to twice its length. */
export const ownRetryMsMax = 15_000
/** Spread of devices that were told a time. */
export const turnSpreadMs = 1_000
const waitMsMax = 2 * retryMsMax

/** What the screen may say about an outbox entry [C3]. */
export type Progress =
  /** In flight on a living connection. */
  | 'sending'
  /** Waiting for its turn, for the connection, or for a busy server. */
  | 'waiting'
  /** Accepted. Shown until the entry itself arrives, so that it never disappears in between. */
  | 'sent'
  | 'refused'

/** An outbox entry, as shown on the screen. */
export interface Pending extends Omit<WrittenEntry, 'accepted'>, Way {}

/** An outbox act: shown as done until it is refused. */
export interface PendingAct extends Omit<WrittenAct, 'accepted'>, Way {}

/** The progress of an outbox item. */
interface Way {
  readonly progress: Progress
  /** After acceptance: the seq of the entry, or the change of the act. */
  readonly seq: number | null
  /** Number of failed sends. */
  readonly tries: number
  /** Durable on this device. Before that it is shown but not sent [C1]. */
  readonly stored: boolean
  /** It may have been sent, by this program or the one before. */
  readonly maySent: boolean
  /** Not to be sent (waiting), or counted as unanswered (sending), before this time of the device's clock. */
  readonly until: number
}

export type Unfinished = Pending | PendingAct

/** Oldest first. A sent item leaves when its own entry or item has arrived; it leaves the store in the same commit [A4]. */
export type Outbox = readonly Unfinished[]

export function isAct(item: Unfinished): item is PendingAct {
  return 'act' in item
}

export function pendingOf({ accepted, ...item }: OutboxItem): Unfinished {
  const { refused } = item
  const progress = refused !== null ? 'refused' : accepted === undefined ? 'waiting' : 'sent'
  return { ...item, progress, seq: accepted ?? null, stored: true, maySent: true, tries: 0, until: 0 }
}

/** The part that is stored. */
export function storedOf(item: Unfinished): OutboxItem {
  const { id, conversationId, writtenAt, order, refused, seq } = item
  const asked = isAct(item) ? { act: item.act, about: item.about } : { body: item.body }
  return { id, conversationId, ...asked, writtenAt, order, refused, ...(seq === null ? {} : { accepted: seq }) }
}

/** The frame that requests it. */
export function upFrameOf(item: Unfinished): Extract<UpFrame, { t: 'send' | 'set' }> {
  const { id, conversationId } = item
  if (!isAct(item)) return { t: 'send', id, conversationId, body: item.body }
  return { t: 'set', id, conversationId, seq: item.about.seq, subject: item.about.id, act: item.act }
}

/** Acts that were never sent and are replaced by a newer act on the same mark. One that is still being stored may fail by itself, so it stays. */
export function supersededBy(
  outbox: Outbox,
  { conversationId, act, about }: Pick<WrittenAct, 'conversationId' | 'act' | 'about'>,
): readonly ClientMessageId[] {
  const isSame = (item: Unfinished): boolean =>
    isAct(item) &&
    item.stored &&
    !item.maySent && // [seam: never-sent]
    item.conversationId === conversationId &&
    item.act.kind === act.kind &&
    item.about.seq === about.seq
  return outbox.filter(isSame).map(({ id }) => id)
}

/** The order of the next entry written on this device [M6]. */
export function nextOrder(outbox: Outbox): number {
  return outbox.reduce((highest, item) => Math.max(highest, item.order), 0) + 1
}

/** The entry is durable on this device and may be sent. */
export function markStored(outbox: Outbox, id: ClientMessageId): Outbox {
  return outbox.map((item) => (item.id === id ? { ...item, stored: true } : item))
}

/** Items put back do not count: a restored server keeps nobody from writing. */
export function isFull(outbox: Outbox): boolean {
  return outbox.filter((item) => item.progress !== 'sent' && !isPutBack(item)).length >= outboxItemsMax
}

/**
 * Chooses what to send now: the oldest unfinished entry of each conversation, one in flight in each [M6], at most `inFlightMax` in all.
 * @param isKnown does the server support the item? An unsupported item waits for a server that does, and holds nothing back.
 * @param mustWait does the item wait for entries of others [A8]? It holds back the later ones of its conversation.
 * @returns the outbox with the chosen ones marked as in flight, and when to check again (device clock; null: when something happens).
 */
export function takeDue(
  outbox: Outbox,
  now: number,
  isKnown: (item: Unfinished) => boolean = () => true,
  mustWait: (item: Unfinished) => boolean = () => false,
): { outbox: Outbox; due: readonly Unfinished[]; lookAt: number | null } {
  const seen = new Set<ConversationId>()
  const due = new Map<ClientMessageId, Unfinished>()
  let free = inFlightMax - outbox.filter((item) => item.progress === 'sending' && item.until > now && item.until - now <= waitMsMax).length
  let lookAt: number | null = null
  for (const item of outbox) {
    if (item.progress === 'sent' || item.progress === 'refused' || seen.has(item.conversationId) || !isKnown(item)) continue
    seen.add(item.conversationId) // [seam: one-under-way]
    if (!item.stored) continue // [seam: stored-before-sent]
    if (item.progress === 'waiting' && mustWait(item)) continue // [seam: old-order]
    // A clock that was set back must not stop the outbox: no wait is longer than this.
    if (item.until > now && item.until - now <= waitMsMax) lookAt = Math.min(lookAt ?? item.until, item.until)
    else if (free > 0) {
      free--
      const until = now + Math.min(answerMsMax, answerMs * 2 ** item.tries)
      lookAt = Math.min(lookAt ?? until, until)
      due.set(item.id, { ...item, progress: 'sending', maySent: true, tries: item.tries + 1, until })
    }
  }
  return { outbox: due.size === 0 ? outbox : outbox.map((item) => due.get(item.id) ?? item), due: [...due.values()], lookAt }
}

/** The connection is gone: everything in flight is sent again on the next one, under the same id [M2]. */
export function disconnect(outbox: Outbox): Outbox {
  return outbox.map((item) => (item.progress === 'sending' ? { ...item, progress: 'waiting', tries: 0, until: 0 } : item)) // [seam: under-way-at-break]
}

/** [C2] The server has accepted it. An id that is not waiting changes nothing: the answer came twice. */
export function accept(outbox: Outbox, id: ClientMessageId, seq: number): Outbox {
  return outbox.map((item) => (item.id === id && item.progress !== 'sent' ? { ...item, progress: 'sent', refused: null, seq } : item))
}

/**
 * A refusal. `never` marks the entry and lets the next one of its conversation go. `later` keeps its place, so that later ones wait behind it [M6].
 * @param random in [0, 1); spreads the next try: over a second after a given turn, or up to twice one's own wait.
 */
export function refuse(
  outbox: Outbox,
  id: ClientMessageId,
  code: RefusalCode,
  retryAfterMs: number | undefined,
  now: number,
  random: number,
): Outbox {
  // [seam: refuse-item]
  return outbox.map((item) => {
    if (item.id !== id || item.progress === 'sent' || item.progress === 'refused') return item
    if (isForGood(code)) return { ...item, progress: 'refused', refused: code }
    const ownMs = Math.min(ownRetryMsMax, retryMsMin * 2 ** Math.max(0, item.tries - 1))
    const toldMs = Math.min(retryMsMax, retryAfterMs ?? 0)
    // A given turn is kept, give or take a second. One's own wait may be the same on many devices.
    const spreadMs = toldMs > ownMs ? turnSpreadMs : ownMs
    return { ...item, progress: 'waiting', until: now + Math.max(toldMs, ownMs) + Math.floor(random * spreadMs) } // [seam: retry-wait]
  })
}

/** What to do after a refusal. An unknown code counts as *later* [C2]. */
export function retryOf(code: RefusalCode): Retry {
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code].retry : 'later'
}

/** True when the entry itself can never be accepted [C2]. Codes of a newer server, and codes about the connection, are not of that kind. */
export function isForGood(code: RefusalCode): boolean {
  if (code === 'unauthenticated' || code === 'version-unsupported') return false
  return retryOf(code) === 'never'
}

/**
 * The oldest accepted entries beyond the bound. They are durable on the server. If the server loses them, this device cannot put them back [A4, O1].
 */
export function acceptedBeyondBound(outbox: Outbox): readonly ClientMessageId[] {
  const sent = outbox.filter((item) => item.progress === 'sent')
  return sent.slice(0, Math.max(0, sent.length - acceptedMax)).map(({ id }) => id)
}

/** Entries of an account that is no longer signed in here are never sent in another account's name. */
export function refuseAll(outbox: Outbox, code: RefusalCode): Outbox {
  return outbox.map((item) => (item.progress === 'sent' ? item : { ...item, progress: 'refused', refused: code }))
}

/** An own message or act that a lost history had accepted. */
export type PutBackItem =
  | Pick<WrittenEntry, 'id' | 'conversationId' | 'body' | 'writtenAt'>
  | Pick<WrittenAct, 'id' | 'conversationId' | 'act' | 'about' | 'writtenAt'>

export interface PutBackPlan {
  /**
   * What comes before everything else, because it is older: items not in the outbox, in the order given, then accepted ones that have not arrived.
   */
  readonly first: readonly Unfinished[]
  /** Items already waiting in the outbox that must be stored again: the given ones, and those whose reply lost its subject. */
  readonly there: readonly Unfinished[]
}

/** Orders of entries written on this device start at 1. Items put back have lower orders. */
export function isPutBack(item: Pick<OutboxItem, 'order'>): boolean {
  return item.order <= 0
}

/** The body without a reply to an entry that the restored history lacks. */
export function withoutLostReply(body: SendBody, head: number): SendBody {
  if (body.kind !== 'text' || body.replyTo === undefined || body.replyTo <= head) return body
  const { replyTo: _lost, ...rest } = body
  return rest
}

/** Two acts on the same mark count as one for putting back: only the newest one matters. */
function nameOf(item: PutBackItem): string {
  return 'act' in item ? `${item.conversationId} ${item.act.kind} ${item.about.seq}` : item.id
}

/** What must be stored before the own messages of a lost history are in the outbox [A4]. @param heads of the restored history. */
export function planPutBack(outbox: Outbox, items: readonly PutBackItem[], heads: ReadonlyMap<ConversationId, number>): PutBackPlan {
  const names = new Set(outbox.map(nameOf))
  const sent = outbox.filter((item) => item.progress === 'sent')
  const waiting = outbox.filter((item) => item.progress !== 'sent')
  const missing = newest(
    items.filter((item) => !names.has(nameOf(item))),
    putBackMax - sent.length - waiting.filter(isPutBack).length,
  )
  const given = new Set(items.map(nameOf))
  const repaired = waiting.map((item) => (isAct(item) ? item : repairedReply(item, heads)))
  const first = [...missing, ...sent] // [seam: put-back-order]
  const order = Math.min(1, outbox[0]?.order ?? 1) - first.length
  return {
    first: first.map((item, index) => pendingOf({ ...askedIn(item), order: order + index, refused: null })),
    there: repaired.filter((item, index) => given.has(nameOf(item)) || item !== waiting[index]),
  }
}

function repairedReply(item: Pending, heads: ReadonlyMap<ConversationId, number>): Pending {
  const body = withoutLostReply(item.body, heads.get(item.conversationId) ?? 0)
  return body === item.body ? item : { ...item, body }
}

function askedIn(item: PutBackItem): PutBackItem {
  const { id, conversationId, writtenAt } = item
  return 'act' in item ? { id, conversationId, act: item.act, about: item.about, writtenAt } : { id, conversationId, body: item.body, writtenAt }
}

/** The outbox after the plan is stored. The outbox may have changed meanwhile. */
export function putBack(outbox: Outbox, { first, there }: PutBackPlan): Outbox {
  const again = new Map(there.map((item) => [item.id, item]))
  return [...first, ...without(outbox, new Set(first.map(({ id }) => id))).map((item) => again.get(item.id) ?? item)]
}

/** The newest by their times, in the order given. The clock decides which ones a device would miss most, but not their order. */
function newest(items: readonly PutBackItem[], most: number): readonly PutBackItem[] {
  if (items.length <= most) return items
  const byTime = items.toSorted((a, b) => b.writtenAt - a.writtenAt)
  const chosen = new Set(byTime.slice(0, Math.max(0, most)))
  return items.filter((item) => chosen.has(item))
}

export function without(outbox: Outbox, ids: ReadonlySet<ClientMessageId>): Outbox {
  return outbox.some((item) => ids.has(item.id)) ? outbox.filter((item) => !ids.has(item.id)) : outbox
}
