import { faultInAct, faultInBody, LIMITS, type ClientMessageId, type ConversationId, type RefusalCode, type SendBody } from '@bongsu/protocol'
import {
  accept,
  acceptedBeyondBound,
  disconnect,
  isAct,
  isForGood,
  isFull,
  isPutBack,
  markStored,
  nextOrder,
  pendingOf,
  planPutBack,
  putBack,
  refuse,
  refuseAll,
  storedOf,
  supersededBy,
  takeDue,
  upFrameOf,
  without,
  type Outbox,
  type Pending,
  type PendingAct,
  type PutBackItem,
  type Unfinished,
} from './outbox.ts'
import type { Persist } from './persist.ts'
import type { Clock, OutboxItem, Random, WrittenAct, WrittenEntry } from './ports.ts'

/** `seq` of the entry, or change of the act. */
export type Outcome = { readonly accepted: true; readonly seq: number } | { readonly accepted: false; readonly code: RefusalCode }

/** The entry was not accepted into the outbox. Nothing of it is kept. */
export class SendRejected extends Error {
  override readonly name = 'SendRejected'
  /** `feature-missing`: the server does not support this yet. Codes of refusals: what the server would answer. */
  readonly code: 'outbox-full' | 'storage-failed' | 'feature-missing' | RefusalCode

  constructor(code: SendRejected['code'], cause?: unknown) {
    super(`not taken into the outbox: ${code}`, { cause })
    this.code = code
  }
}

/** Most outcomes remembered for `settled`. */
export const outcomesMax = 1_000

/** The working outbox: stored before sent [C1], sent until answered finally [C2]. */
export interface Sending {
  /** The outbox's entries and its acts. The same objects until something changes. */
  readonly entries: () => readonly Pending[]
  readonly acts: () => readonly PendingAct[]
  load(items: readonly OutboxItem[]): void
  add(conversationId: ConversationId, body: SendBody, id?: ClientMessageId): Promise<ClientMessageId>
  /** Replaces acts on the same mark that were never sent. */
  addAct(act: Pick<WrittenAct, 'conversationId' | 'act' | 'about'>): Promise<ClientMessageId>
  retry(id: ClientMessageId): Promise<void>
  discard(id: ClientMessageId): Promise<void>
  settled(id: ClientMessageId): Promise<Outcome>
  /** There is a connection: sends what is due. */
  pump(): void
  disconnected(): void
  /** @param seq of the entry, or the change of the act. */
  accepted(id: ClientMessageId, seq: number): void
  refused(id: ClientMessageId, code: RefusalCode, retryAfterMs: number | undefined): void
  /**
   * Puts own messages of a lost history first in the outbox, under their ids, and treats accepted ones that have not arrived as waiting again [A4].
   * Waiting replies to entries above the restored heads lose their subject. @returns how many wait because of it, once they are stored. Rejects when
   * the store does not accept them; nothing has changed then.
   */
  putBack(items: readonly PutBackItem[], heads: ReadonlyMap<ConversationId, number>): Promise<number>
  /** Another account is signed in here now. */
  refuseAll(code: RefusalCode): void
  /** Removes sent entries for which `isThere` holds: their own entry is on the screen. */
  sweep(isThere: (item: Unfinished) => boolean): void
  stop(): void
  clear(): void
}

interface Waiter {
  resolve(outcome: Outcome): void
  reject(reason: Error): void
}

export function createSending(options: {
  readonly clock: Clock
  readonly random: Random
  readonly persist: Persist
  /** @returns false without a connection. */
  readonly send: (item: Unfinished) => boolean
  readonly isOpen: () => boolean
  /** Whether the server supports the item [W3]. Called while there is a connection. */
  readonly isKnown: (item: Unfinished) => boolean
  /** Whether the item waits for entries of others [A8]. `pump` is called when that may have changed. */
  readonly mustWait: (item: Unfinished) => boolean
  readonly changed: () => void
}): Sending {
  const { clock, random, persist } = options
  const outcomes = new Map<ClientMessageId, Outcome>()
  const waiters = new Map<ClientMessageId, Waiter[]>()
  const storing = new Map<ClientMessageId, Promise<void>>()
  let outbox: Outbox = []
  let entries: readonly Pending[] = []
  let acts: readonly PendingAct[] = []
  /** Outbox items that wait because of a restore. */
  let backIds: ReadonlySet<ClientMessageId> = new Set()
  let puttingBack: Promise<unknown> = Promise.resolve()
  let cancelLook: (() => void) | null = null

  function hold(next: Outbox): void {
    outbox = next
    entries = sameOr(
      entries,
      next.filter((item): item is Pending => !isAct(item)),
    )
    acts = sameOr(acts, next.filter(isAct))
  }

  function set(next: Outbox): void {
    if (next === outbox) return
    hold(next)
    options.changed()
  }

  function settle(id: ClientMessageId, outcome: Outcome): void {
    outcomes.delete(id)
    outcomes.set(id, outcome)
    for (const oldest of outcomes.keys()) {
      if (outcomes.size <= outcomesMax) break
      outcomes.delete(oldest)
    }
    for (const waiter of waiters.get(id) ?? []) waiter.resolve(outcome)
    waiters.delete(id)
  }

  function abandon(ids: Iterable<ClientMessageId>, why: string): void {
    for (const id of ids) {
      for (const waiter of waiters.get(id) ?? []) waiter.reject(new Error(why))
      waiters.delete(id)
    }
  }

  /** A change of the stored outbox that nobody waits for. If it is lost, the entry is sent again, with the same answer [M2]. */
  function store(change: Parameters<Persist['outbox']>[0]): void {
    persist.outbox(change).catch(() => undefined)
  }

  /** These are finished: they leave the store together with what was received, and never before it [A4]. */
  function letGo(ids: readonly ClientMessageId[]): void {
    if (ids.length === 0) return
    set(without(outbox, new Set(ids)))
    persist.settled({ outboxDelete: ids }) // [seam: arrived-leaves-outbox]
  }

  function cancelPlan(): void {
    cancelLook?.()
    cancelLook = null
  }

  function pump(): void {
    cancelPlan()
    if (!options.isOpen()) return
    const now = clock.now()
    // Whether one that may have been sent was done, only a server that knows such things can say.
    const unheard = outbox.find((item) => item.progress === 'waiting' && item.stored && !item.maySent && !options.isKnown(item))
    if (unheard !== undefined) return refused(unheard.id, 'frame-unknown', undefined)
    const { outbox: next, due, lookAt } = takeDue(outbox, now, options.isKnown, options.mustWait)
    set(next)
    for (const item of due) options.send(item)
    cancelPlan()
    cancelLook = lookAt === null ? null : clock.after(Math.max(1, lookAt - now), pump)
  }

  /** Stores it, and only then sends it [C1]. */
  async function put(item: OutboxItem, replaces: readonly ClientMessageId[]): Promise<void> {
    set([...without(outbox, new Set(replaces)), { ...pendingOf(item), stored: false, maySent: false }])
    try {
      await persist.outbox({ outboxPut: [item], outboxDelete: replaces })
    } catch (cause) {
      set(without(outbox, new Set([item.id])))
      throw new SendRejected('storage-failed', cause)
    }
    set(markStored(outbox, item.id))
    pump()
  }

  /** Puts it in the place of others, which stay when it cannot be stored. */
  async function replace(item: OutboxItem, ids: readonly ClientMessageId[]): Promise<void> {
    const replaced = outbox.filter(({ id }) => ids.includes(id))
    try {
      await put(item, ids)
    } catch (cause) {
      set([...outbox, ...replaced].toSorted((a, b) => a.order - b.order))
      throw cause
    }
  }

  /** All of it is stored each time, also what is already here: it may be from a try that the store did not accept, or that was interrupted [A4]. */
  async function putBackNow(items: readonly PutBackItem[], heads: ReadonlyMap<ConversationId, number>): Promise<number> {
    const plan = planPutBack(outbox, items, heads)
    const again = [...plan.first, ...plan.there]
    if (again.length > 0) await persist.outbox({ outboxPut: again.map(storedOf) }) // [seam: store-put-back]
    set(putBack(outbox, plan))
    const ids = new Set([...backIds, ...again.map(({ id }) => id)])
    backIds = new Set(outbox.filter(({ id, progress }) => ids.has(id) && progress !== 'refused').map(({ id }) => id))
    return backIds.size
  }

  function refused(id: ClientMessageId, code: RefusalCode, retryAfterMs: number | undefined): void {
    set(refuse(outbox, id, code, retryAfterMs, clock.now(), random.next()))
    const item = itemOf(id)
    if (item?.progress === 'refused' && isLetGo(item, code)) letGo([id])
    else if (item?.progress === 'refused' && isForGood(code)) {
      settle(id, { accepted: false, code })
      store({ outboxPut: [storedOf(item)] })
    }
    pump()
  }

  function itemOf(id: ClientMessageId): Unfinished | undefined {
    return outbox.find((item) => item.id === id)
  }

  return {
    entries: () => entries,
    acts: () => acts,
    pump,
    load(items) {
      hold(items.map(pendingOf).toSorted((a, b) => a.order - b.order))
    },
    async add(conversationId, body, given) {
      const id = given ?? (random.uuid() as ClientMessageId)
      if (itemOf(id) !== undefined) {
        await storing.get(id)
        return id
      }
      const item: WrittenEntry = { id, conversationId, body, writtenAt: clock.now(), order: nextOrder(outbox), refused: null }
      const fault = faultInBody(body) ?? faultInSize(item)
      if (fault !== null) throw new SendRejected(fault)
      if (isFull(outbox)) throw new SendRejected('outbox-full')
      const written = put(item, [])
      storing.set(id, written)
      await written.finally(() => storing.delete(id))
      return id
    },
    async addAct({ conversationId, act, about }) {
      const id = random.uuid() as ClientMessageId
      const item: WrittenAct = { id, conversationId, act, about, writtenAt: clock.now(), order: nextOrder(outbox), refused: null }
      const fault = faultInAct(act) ?? faultInSize(item)
      if (fault !== null) throw new SendRejected(fault)
      const superseded = supersededBy(outbox, item)
      if (superseded.length === 0 && isFull(outbox)) throw new SendRejected('outbox-full')
      abandon(superseded, 'a newer act has taken its place')
      await replace(item, superseded)
      return id
    },
    async retry(id) {
      const item = itemOf(id)
      if (item === undefined || item.progress !== 'refused') return
      const again = { ...storedOf(item), id: random.uuid() as ClientMessageId, writtenAt: clock.now(), order: nextOrder(outbox), refused: null }
      await replace(again, [id])
    },
    async discard(id) {
      set(without(outbox, new Set([id])))
      abandon([id], 'the entry was discarded')
      pump()
      await persist.outbox({ outboxDelete: [id] })
    },
    settled(id) {
      const item = itemOf(id)
      if (item?.progress === 'refused') return Promise.resolve({ accepted: false, code: item.refused as RefusalCode })
      if (item?.progress === 'sent' && item.seq !== null) return Promise.resolve({ accepted: true, seq: item.seq })
      const outcome = outcomes.get(id)
      if (outcome !== undefined) return Promise.resolve(outcome)
      if (item === undefined) return Promise.reject(new Error('no such entry in the outbox'))
      return new Promise((resolve, reject) => {
        waiters.set(id, [...(waiters.get(id) ?? []), { resolve, reject }])
      })
    },
    disconnected() {
      cancelPlan()
      if (outbox.some((item) => item.progress === 'sending')) set(disconnect(outbox))
    },
    accepted(id, seq) {
      const item = itemOf(id)
      if (item === undefined || item.progress === 'sent') return
      set(accept(outbox, id, seq))
      settle(id, { accepted: true, seq })
      // [A4] Only this is stored: the entry itself stays until it has arrived.
      const accepted = itemOf(id)
      if (accepted !== undefined) persist.settled({ outboxPut: [storedOf(accepted)] }) // [seam: keep-accepted]
      letGo(acceptedBeyondBound(outbox))
    },
    refused,
    putBack(items, heads) {
      // One after the other: a device that was interrupted plans again only when it is known what of the first try is stored.
      const done = puttingBack.then(() => putBackNow(items, heads))
      puttingBack = done.catch(() => undefined)
      return done
    },
    refuseAll(code) {
      // The account's other devices take care of everything it has sent.
      letGo(outbox.filter((item) => item.progress === 'sent').map(({ id }) => id))
      set(refuseAll(outbox, code))
      for (const item of outbox) if (item.progress === 'refused') settle(item.id, { accepted: false, code })
      store({ outboxPut: outbox.filter((item) => item.progress === 'refused').map(storedOf) })
    },
    sweep(isThere) {
      letGo(outbox.filter((item) => item.progress === 'sent' && isThere(item)).map(({ id }) => id))
    },
    stop() {
      cancelPlan()
      abandon([...waiters.keys()], 'the device was stopped')
    },
    clear() {
      outcomes.clear()
      set([])
    },
  }
}

/** The restored history decides about items put back: a different entry under the id, or an expired time limit, is no news for the person [A4]. */
function isLetGo(item: Unfinished, code: RefusalCode): boolean {
  return isPutBack(item) && (code === 'id-conflict' || isAct(item))
}

function sameOr<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return before.length === now.length && before.every((item, index) => item === now[index]) ? before : now
}

/** An item whose frame alone is too large would close the connection each time, so it must not get into the outbox. */
function faultInSize(item: OutboxItem): 'text-too-long' | null {
  const frame = JSON.stringify(upFrameOf(pendingOf(item)))
  return new TextEncoder().encode(frame).length > LIMITS.upFrameBytesMax ? 'text-too-long' : null
}
