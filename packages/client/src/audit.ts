import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { LIMITS, type ConversationId, type DownFrameOf, type Entry, type UpFrame } from '@bongsu/protocol'
import type { MarkedEntry } from './marked-entry.ts'
import type { Clock, LocalStore, Random } from './ports.ts'
import { overlaps, type Range } from './ranges.ts'
import type { ReplicaState, Room } from './state.ts'

/** Time between two automatic audits of a room on one device [A2]. */
export const auditEveryMs = 60_000
/** Most stretches of one audit. The next audit continues below. */
export const stretchesPerTurnMax = 20
/** Longest wait for an answer. */
export const auditAnswerMs = 15_000
/** Most requests for a stretch while the server is busy. */
export const auditTriesMax = 5
const retryMs = 2_000

export type AuditOutcome =
  /** The stored entries equal the server's. */
  | 'equal'
  /** They differed, and the room is being loaded again. */
  | 'mending'
  /** They differ although the room was loaded again before: only people can find out why. */
  | 'lasting'
  /** No connection, no answer, or the room changed meanwhile: nothing is known. */
  | 'unchecked'

/** The last difference between this device and the server [A3]. */
export interface AuditFault {
  readonly conversationId: ConversationId
  readonly from: number
  readonly to: number
  /** The room was loaded again and has been equal since. */
  readonly mended: boolean
  /** The room was loaded again and still differs: only people can find out why. */
  readonly lasting: boolean
}

export interface Audit {
  readonly fault: () => AuditFault | null
  /** Compares everything stored of a room, now. */
  run(conversationId: ConversationId): Promise<AuditOutcome>
  /** The device has caught up and starts its automatic audits. */
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
  /** Stores what waits. @returns false when the store does not accept it, so that it does not match the state. */
  readonly flush: () => Promise<boolean>
  readonly send: (frame: UpFrame) => boolean
  /** Deletes what is stored of the room and loads the room again. */
  readonly mend: (conversationId: ConversationId) => void
  readonly changed: () => void
}): Audit {
  const { clock } = options
  /** When each room was last compared, as a count of turns. */
  const turns = new Map<ConversationId, number>()
  /** Where to continue in a room longer than one turn. */
  const below = new Map<ConversationId, number>()
  const mendedBefore = new Set<ConversationId>()
  let turn = 0
  /** Start of the last automatic turn, by the device's clock. */
  let turnAt: number | null = null
  let asked: Asked | null = null
  let fault: AuditFault | null = null
  let tail: Promise<unknown> = Promise.resolve()
  let cancelTurn: (() => void) | null = null
  let cancelWait: (() => void) | null = null

  /**
   * At a random time within the next minute: a device that is never on for long gets its turns too, and devices that reconnect together do not
   * compare together.
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

  /** The room with the oldest comparison. A device that is never on for long begins elsewhere each time. */
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
    // A room loaded again is in order once everything that arrived is equal. An empty room has nothing yet.
    if (stretches.length > 0) settled(conversationId)
    return 'equal'
  }

  /** @returns null when it is unknown. */
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

  /** Marks can be compared only as of one change: when items arrived meanwhile, or may be missing here, nothing is known about them. */
  function areMarksComparable(before: Room, stretch: Range, told: Told): boolean {
    const room = options.live()?.rooms.get(before.conversationId)
    if (told.marks === undefined || room === undefined || room.change !== told.change || before.change !== told.change) return false
    return !room.stale.some((stale) => overlaps(stale, stretch))
  }

  /** Whether it is the same room in the same history and still holds the stretch. */
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
        // The end of the connection ends the wait too, because there is nobody to ask.
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
    // Loading the room again did not help, and repeating it each minute would not either.
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
 * The stored stretches of a room, newest first, cut at the same places on every device: two devices with the same stretch ask the same question, and
 * if both equal one answer, they equal each other [A1].
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

/** The hash of a stretch as defined for the frame `audit`; null when the stretch is incomplete, or the shown entries are not the stored ones. */
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

/** The hash of the marks of these entries as defined for the frame `audit`. */
export function hashOfMarks(entries: readonly MarkedEntry[]): string {
  const changes = entries.flatMap(({ marks = [] }) => marks.flatMap(({ change, value }) => (value === null ? [] : [change])))
  const view = new DataView(new ArrayBuffer(8 * changes.length))
  for (const [index, change] of changes.toSorted((a, b) => a - b).entries()) view.setBigUint64(8 * index, BigInt(change))
  return bytesToHex(sha256(new Uint8Array(view.buffer)))
}
