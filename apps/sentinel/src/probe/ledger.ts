/** Messages remembered of one pair. Far more than are under way within the minute in which one can still come. */
export const remembered = 1_024

/** What is wrong with the place of a message, told besides how its try ended. */
export type Misplaced = 'doubled' | 'reordered'

/**
 * What the canaries of one conversation know of its order, from what the server itself has said: the seq with which it accepted each message, and
 * the seq under which the other one got it. Pure but for its memory; knows nothing of time.
 */
export interface Ledger {
  /** The highest seq accepted so far. A message begun now must get a higher one. */
  readonly head: number
  /** The server accepted a message that was begun when the head was at `headThen`. */
  accepted(messageId: string, receiver: number, seq: number, headThen: number): Misplaced | null
  /** A message has come to a receiver. */
  arrived(messageId: string, receiver: number, seq: number): Misplaced | null
  /** The receiver has not been shown what lies below this seq (it has to be fetched), so nothing is said about its order. */
  skipped(receiver: number, belowSeq: number): void
  /** It will not be waited for any more. */
  givenUp(messageId: string): void
  /** Another history: seqs of the old one mean nothing in it. */
  forget(): void
}

interface Line {
  readonly receiver: number
  seq: number | null
  arrivedSeq: number | null
}

export function createLedger(): Ledger {
  const lines = new Map<string, Line>()
  /** Accepted, and not yet come. */
  const awaited = new Map<string, Line & { seq: number }>()
  let head = 0

  function lineOf(messageId: string, receiver: number): Line {
    const line = lines.get(messageId) ?? { receiver, seq: null, arrivedSeq: null }
    lines.set(messageId, line)
    for (const oldest of lines.keys()) {
      if (lines.size <= remembered) break
      lines.delete(oldest)
      awaited.delete(oldest)
    }
    return line
  }

  return {
    get head() {
      return head
    },
    accepted(messageId, receiver, seq, headThen) {
      const line = lineOf(messageId, receiver)
      line.seq = seq
      head = Math.max(head, seq)
      if (line.arrivedSeq !== null) return line.arrivedSeq === seq ? (seq <= headThen ? 'reordered' : null) : 'doubled'
      awaited.set(messageId, line as Line & { seq: number })
      return seq <= headThen ? 'reordered' : null
    },
    arrived(messageId, receiver, seq) {
      const line = lineOf(messageId, receiver)
      // Under another seq it stands there twice, or where the server has not said.
      if (line.arrivedSeq !== null) return line.arrivedSeq === seq ? null : 'doubled'
      line.arrivedSeq = seq
      awaited.delete(messageId)
      if (line.seq !== null && line.seq !== seq) return 'doubled'
      for (const earlier of awaited.values()) if (earlier.receiver === receiver && earlier.seq < seq) return 'reordered'
      return null
    },
    skipped(receiver, belowSeq) {
      for (const [messageId, line] of awaited) if (line.receiver === receiver && line.seq < belowSeq) awaited.delete(messageId)
    },
    givenUp(messageId) {
      awaited.delete(messageId)
    },
    forget() {
      lines.clear()
      awaited.clear()
      head = 0
    },
  }
}
