import { REFUSALS, type RefusalCode } from '@bongsu/protocol'
import { PROMISE_IDS, type PromiseId } from './abilities.ts'
import { isEntry, isLoading, type Shown } from './line-protocol.ts'
import type { Frame, Logged, Passage } from './middleman.ts'

interface Flaw {
  readonly promise: PromiseId
  readonly sentence: string
}

/** A refusal after which the same text is never sent again [C2]. */
export function isGoodRefusal(frame: Frame): boolean {
  const code = frame['code'] as RefusalCode
  return frame.t === 'refused' && typeof frame['id'] === 'string' && Object.hasOwn(REFUSALS, code) && REFUSALS[code].retry === 'never'
}

/** The checker also judges servers. What it says of promises that no client keeps alone is said of the one that the client would have broken. */
const INSTEAD: Readonly<Record<string, PromiseId>> = { M1: 'D5', M3: 'D2', M5: 'D2', D9: 'D5', R2: 'R1' }

export function promiseOf(id: string): PromiseId {
  return PROMISE_IDS.find((known) => known === id) ?? INSTEAD[id] ?? 'D5'
}

/** What is wrong with what the client shows, at any moment and whatever is still missing. */
export function flawsIn({ items, unsent }: Shown, log: readonly Logged[]): readonly Flaw[] {
  const found: Flaw[] = []
  const ids = new Set<string>()
  let last: number | null = null
  let highest = 0
  for (const item of items) {
    if (isLoading(item)) {
      last = null
      continue
    }
    const { seq, id, author } = item
    if (ids.has(`${author} ${id}`)) found.push({ promise: 'M2', sentence: `the client shows ${id} twice` })
    ids.add(`${author} ${id}`)
    if (seq <= highest) found.push({ promise: 'D2', sentence: `the client shows #${seq} below #${highest}` })
    else if (last !== null && seq > last + 1) {
      found.push({ promise: 'D4', sentence: `the client shows #${seq} right after #${last}, without a loading line between them` })
    }
    last = seq
    highest = Math.max(highest, seq)
  }
  const entries = new Set(items.filter(isEntry).map(({ id }) => id))
  const answered = new Set(log.filter(({ way }) => way === 'down').flatMap(({ frame }) => idsAnsweredBy(frame)))
  for (const { id, state } of unsent) {
    if (state === 'sent' && !answered.has(id)) found.push({ promise: 'C3', sentence: `the client shows ${id} as sent, and no server has said so` })
    if (entries.has(id)) found.push({ promise: 'C3', sentence: `the client shows ${id} as an entry and as not sent` })
  }
  return found
}

/** What is wrong with what the client has said on its connections. */
export function flawsOnWire(passages: readonly Passage[]): readonly Flaw[] {
  const found: Flaw[] = []
  const idOf = new Map<string, string>()
  for (const { log } of passages) {
    /** The unanswered text of each conversation. */
    const open = new Map<string, string>()
    /** A text may be sent once more while its entry is on its way to the client. */
    const arrived = new Set<string>()
    for (const { way, frame } of log) {
      const { id, conversationId, body } = frame as unknown as { id: string; conversationId: string; body: { text?: string } }
      if (way === 'down') {
        for (const answered of idsAnsweredBy(frame)) arrived.add(answered)
        for (const [conversation, unanswered] of open) if (arrived.has(unanswered)) open.delete(conversation)
        if (frame.t === 'refused' && (frame['code'] === 'frame-unknown' || (frame['code'] === 'frame-malformed' && frame['re'] !== 'hello'))) {
          found.push({ promise: 'W3', sentence: `the server does not understand a frame of the client (${String(frame['re'])})` })
        }
      } else if (frame.t === 'send') {
        const before = open.get(conversationId)
        if (before !== undefined && before !== id) {
          found.push({ promise: 'M6', sentence: `the client sent ${id} while ${before} of the same conversation had no answer` })
        }
        if (!arrived.has(id)) open.set(conversationId, id)
        const text = JSON.stringify([conversationId, body.text])
        const known = idOf.get(text) ?? id
        if (known !== id) found.push({ promise: 'M2', sentence: `the client sent the text of ${known} again as ${id}` })
        idOf.set(text, known)
      }
    }
  }
  return found
}

/** The ids of texts that this frame is an answer to. An entry that has arrived is one as well. */
function idsAnsweredBy(frame: Frame): string[] {
  if (frame.t === 'accepted' || frame.t === 'refused') return typeof frame['id'] === 'string' ? [frame['id']] : []
  return frame.t === 'entries' || frame.t === 'reset' ? (frame['entries'] as readonly { id: string }[]).map(({ id }) => id) : []
}
