import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { LIMITS, type ConversationId, type DownFrameOf, type Entry, type UpFrame } from '@bongsu/protocol'
import type { MarkedEntry } from './marked-entry.ts'
import type { Clock, LocalStore, Random } from './ports.ts'
import { overlaps, type Range } from './ranges.ts'
import type { ReplicaState, Room } from './state.ts'

/** By itself a device compares one room in this time [A2]. */
export const auditEveryMs = 60_000
/** Most stretches that it compares then; the next time it goes on below. */
export const stretchesPerTurnMax = 20
/** How long an answer may take. */
export const auditAnswerMs = 15_000
/** How often a stretch is asked for again when the server has no time. */
export const auditTriesMax = 5
const retryMs = 2_000

export type AuditOutcome =
  /** What is stored here is what the server has. */
  | 'equal'
  /** It was not, and is being taken anew. */
  | 'mending'
  /** It was not, although it had been taken anew before: only people can find out why. */
  | 'lasting'
  /** No connection, no answer, or the room changed meanwhile: nothing is known. */
  | 'unchecked'

/** The last time this device and the server were at odds [A3]. */
export interface AuditFault {
  readonly conversationId: ConversationId
  readonly from: number
  readonly to: number
  /** The room was taken anew and has been equal since. */
  readonly mended: boolean
  /** It was taken anew and differs all the same: only people can find out why. */
  readonly lasting: boolean
}

export interface Audit {
  readonly fault: () => AuditFault | null
  /** Compares all that is stored of a room, now. */
  run(conversationId: ConversationId): Promise<AuditOutcome>
  /** The device has caught up: from now on it compares by itself. */
  live(): void
  answered(frame: DownFrameOf<'audit'>): void
  refused(again: boolean, retryAfterMs: number | undefined): void
  disconnected(): void
}

type Told = Pick<DownFrameOf<'audit'>, 'hash' | 'change' | 'marks'>
type Answer = Told | { readonly retryMs: number } | 'none'

interface Asked extends Range {
  readonly conversationId: ConversationId
  readonly answer: (answer: Answer) => void
}

export function createAudit(options: {
  readonly store: LocalStore
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  /** The state while connected and caught up, else null. */
  readonly live: () => ReplicaState | null
  /** Stores what waits. @returns false when the store does not take it, so that it does not hold what the state says. */
  readonly flush: () => Promise<boolean>
  readonly send: (frame: UpFrame) => boolean
  /** Forgets what is stored of the room and takes it anew. */
  readonly mend: (conversationId: ConversationId) => void
  readonly changed: () => void
}): Audit {
  const { clock } = options
  /** When each room was last compared, as a count of turns. */
  const turns = new Map<ConversationId, number>()
  /** Where to go on in a room that is longer than one turn. */
  const below = new Map<ConversationId, number>()
  const mendedBefore = new Set<ConversationId>()
  let turn = 0
  /** When the last turn of its own began, by the device's clock. */
  let turnAt: number | null = null
  let asked: Asked | null = null
  let fault: AuditFault | null = null
  let tail: Promise<unknown> = Promise.resolve()
  let cancelTurn: (() => void) | null = null
  let cancelWait: (() => void) | null = null

  /**
   * At a random time of the next minute: then a device that is never on for as long as that has its turns as well, and those that come back
   * together do not compare together.
   */
  function planFirst(): void {
    const restMs = turnAt === null ? 0 : Math.min(auditEveryMs, turnAt + auditEveryMs - clock.now())
    plan(Math.max(restMs, Math.floor(options.random.next() * auditEveryMs)))
  }

  function plan(delayMs: number): void {
    cancelTurn ??= clock.after(delayMs, () => {
      cancelTurn = null
      turnAt = clock.now()
      const conversationId = oldest()
      if (conversationId === null) return plan(auditEveryMs)
      void enqueue(() => compare(conversationId, stretchesPerTurnMax)).finally(() => {
        if (options.live() !== null) plan(auditEveryMs)
      })
    })
  }

  /** The room whose last comparison is longest ago. A device that is never on for long begins elsewhere each time. */
  function oldest(): ConversationId | null {
    const rooms = [...(options.live()?.rooms.keys() ?? [])]
    const start = rooms.length === 0 ? 0 : Math.floor(clock.now() / auditEveryMs) % rooms.length
    let found: ConversationId | null = null
    for (const conversationId of [...rooms.slice(start), ...rooms.slice(0, start)]) {
      if (found === null || (turns.get(conversationId) ?? 0) < (turns.get(found) ?? 0)) found = conversationId
    }
    return found
  }

  /** One comparison at a time. */
  function enqueue(compareOne: () => Promise<AuditOutcome>): Promise<AuditOutcome> {
    const done = tail.then(compareOne)
    tail = done.catch(() => undefined)
    return done
  }

  async function compare(conversationId: ConversationId, stretchesMax: number): Promise<AuditOutcome> {
    turns.set(conversationId, ++turn)
    const room = options.live()?.rooms.get(conversationId)
    if (room === undefined || !(await options.flush())) return 'unchecked'
    const all = stretchesOf(room)
    const start =
      stretchesMax < all.length
        ? Math.max(
            0,
            all.findIndex(({ last }) => last < (below.get(conversationId) ?? Infinity)),
          )
        : 0
    const stretches = all.slice(start, start + stretchesMax)
    for (const stretch of stretches) {
      const same = await isSame(room, stretch)
      if (same === null || !stillHolds(room, stretch)) return 'unchecked'
      if (!same) return differs(conversationId, stretch)
    }
    const last = stretches.at(-1)
    if (last === undefined || last === all.at(-1)) below.delete(conversationId)
    else below.set(conversationId, last.first)
    // A room taken anew is in order once all of what came is; nothing has come yet while it holds nothing.
    if (stretches.length > 0) settled(conversationId)
    return 'equal'
  }

  /** @returns null when nobody can say. */
  async function isSame(room: Room, stretch: Range): Promise<boolean | null> {
    const { conversationId } = room
    const stored = await options.store.readEntries(conversationId, stretch.first, stretch.last).catch(() => null)
    if (stored === null || !stillHolds(room, stretch)) return null
    const shown = options.live()?.rooms.get(conversationId)?.entries ?? []
    const hash = hashOf(stored, stretch, shown)
    if (hash === null) return false
    const told = await ask(conversationId, stretch)
    if (told === null) return null
    return told.hash === hash && (!areMarksComparable(room, stretch, told) || told.marks === hashOfMarks(stored))
  }

  /** Marks are compared as of one change only: when items have come meanwhile, or may be missing here, nothing is known of them. */
  function areMarksComparable(before: Room, stretch: Range, told: Told): boolean {
    const room = options.live()?.rooms.get(before.conversationId)
    if (told.marks === undefined || room === undefined || room.change !== told.change || before.change !== told.change) return false
    return !room.stale.some((stale) => overlaps(stale, stretch))
  }

  /** Is it the same room, in the same history, and does it hold the stretch still? */
  function stillHolds(room: Room, stretch: Range): boolean {
    const now = options.live()?.rooms.get(room.conversationId)
    if (now === undefined || now.membership.joinedSeq !== room.membership.joinedSeq) return false
    return now.ranges.some(({ first, last }) => first <= stretch.first && stretch.last <= last)
  }

  async function ask(conversationId: ConversationId, stretch: Range): Promise<Told | null> {
    for (let tries = 0; tries < auditTriesMax; tries++) {
      const answer = await askOnce(conversationId, stretch)
      if (answer === 'none') return null
      if ('hash' in answer) return answer
      await new Promise<void>((resolve) => {
        const cancel = clock.after(answer.retryMs, resolve)
        // A connection that ends ends the wait too: then there is nobody to ask.
        cancelWait = () => {
          cancel()
          resolve()
        }
      })
    }
    return null
  }

  function askOnce(conversationId: ConversationId, { first, last }: Range): Promise<Answer> {
    return new Promise((resolve) => {
      const answer = (given: Answer): void => {
        cancel()
        asked = null
        resolve(given)
      }
      const cancel = clock.after(auditAnswerMs, () => answer('none'))
      asked = { conversationId, first, last, answer }
      if (!options.send({ t: 'audit', conversationId, from: first, to: last })) answer('none')
    })
  }

  function differs(conversationId: ConversationId, { first, last }: Range): AuditOutcome {
    fault = { conversationId, from: first, to: last, mended: false, lasting: mendedBefore.has(conversationId) }
    below.delete(conversationId)
    options.changed()
    options.send({ t: 'audit-fault' })
    // What taking it anew has not mended would not be mended by doing so each minute.
    if (mendedBefore.has(conversationId)) return 'lasting'
    mendedBefore.add(conversationId)
    turns.delete(conversationId)
    options.mend(conversationId)
    return 'mending'
  }

  function settled(conversationId: ConversationId): void {
    mendedBefore.delete(conversationId)
    if (fault?.conversationId !== conversationId || fault.mended) return
    fault = { ...fault, mended: true, lasting: false }
    options.changed()
  }

  return {
    fault: () => fault,
    run: (conversationId) => enqueue(() => compare(conversationId, Infinity)),
    live: planFirst,
    answered(frame) {
      if (asked?.conversationId === frame.conversationId && asked.first === frame.from && asked.last === frame.to) asked.answer(frame)
    },
    refused(again, retryAfterMs) {
      asked?.answer(again ? { retryMs: retryAfterMs ?? retryMs } : 'none')
    },
    disconnected() {
      cancelTurn?.()
      cancelTurn = null
      asked?.answer('none')
      cancelWait?.()
      cancelWait = null
    },
  }
}

/**
 * What is stored of a room, newest first, cut at the same places on every device: two that hold the same stretch ask the same question, and
 * both being equal to one answer are equal to each other [A1].
 */
export function stretchesOf(room: Room): readonly Range[] {
  const width = LIMITS.auditEntriesMax
  const stretches: Range[] = []
  for (const range of room.ranges) {
    let first = Math.max(range.first, room.membership.joinedSeq)
    while (first <= range.last) {
      const last = Math.min(range.last, Math.ceil(first / width) * width)
      stretches.push({ first, last })
      first = last + 1
    }
  }
  return stretches.toReversed()
}

/** The hash of a stretch as the frame `audit` describes it; null when it is not whole, or what is shown is not what is stored. */
export function hashOf(stored: readonly Entry[], { first, last }: Range, shown: readonly Entry[]): string | null {
  if (stored.length !== last - first + 1) return null
  const firstShown = shown[0]?.seq ?? Infinity
  const bytes = new Uint8Array(stored.length * 24)
  const view = new DataView(bytes.buffer)
  for (const [index, { seq, id }] of stored.entries()) {
    const digits = id.replaceAll('-', '')
    const onScreen = shown[seq - firstShown]
    if (seq !== first + index || !/^[0-9a-f]{32}$/.test(digits) || (onScreen !== undefined && onScreen.id !== id)) return null
    view.setBigUint64(24 * index, BigInt(seq))
    for (let byte = 0; byte < 16; byte++) bytes[24 * index + 8 + byte] = Number.parseInt(digits.slice(2 * byte, 2 * byte + 2), 16)
  }
  return bytesToHex(sha256(bytes))
}

/** The hash of the marks of these entries as the frame `audit` describes it. */
export function hashOfMarks(entries: readonly MarkedEntry[]): string {
  const changes = entries.flatMap(({ marks = [] }) => marks.flatMap(({ change, value }) => (value === null ? [] : [change])))
  const view = new DataView(new ArrayBuffer(8 * changes.length))
  for (const [index, change] of changes.toSorted((a, b) => a - b).entries()) view.setBigUint64(8 * index, BigInt(change))
  return bytesToHex(sha256(new Uint8Array(view.buffer)))
}
