/** Messages remembered for one pair: far more than can be on their way within the minute in which one can still arrive. */
export const remembered = 1_024

interface Line {
  readonly receiver: number
  seq: number | null
  arrivedSeq: number | null
}

/** What is wrong with the place of a message, reported in addition to the outcome of its try. */
export type Misplaced = 'doubled' | 'reordered'

/**
 * The order of one canary conversation, as the server itself stated it: the seq in each `accepted`, and the seq under which the other canary got the
 * message. Uses no clock.
 */
export function createLedger() {
  const lines = new Map<string, Line>()
  /** Accepted messages that have not arrived yet. */
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
    /** The highest seq accepted so far. A message started now must get a higher one. */
    get head(): number {
      return head
    },
    /** The server accepted a message that was started when the head was `headThen`. */
    accepted(messageId: string, receiver: number, seq: number, headThen: number): Misplaced | null {
      const line = lineOf(messageId, receiver)
      line.seq = seq
      head = Math.max(head, seq)
      if (line.arrivedSeq !== null) return line.arrivedSeq === seq ? (seq <= headThen ? 'reordered' : null) : 'doubled'
      awaited.set(messageId, line as Line & { seq: number })
      return seq <= headThen ? 'reordered' : null
    },
    /** A message has arrived at a receiver. */
    arrived(messageId: string, receiver: number, seq: number): Misplaced | null {
      const line = lineOf(messageId, receiver)
      // A different seq means that the message is stored twice, or at another place than the server said.
      if (line.arrivedSeq !== null) return line.arrivedSeq === seq ? null : 'doubled'
      line.arrivedSeq = seq
      awaited.delete(messageId)
      if (line.seq !== null && line.seq !== seq) return 'doubled'
      for (const earlier of awaited.values()) if (earlier.receiver === receiver && earlier.seq < seq) return 'reordered'
      return null
    },
    /** The receiver has not been shown the messages below this seq (they must be fetched), so their order is not judged. */
    skipped(receiver: number, belowSeq: number): void {
      for (const [messageId, line] of awaited) if (line.receiver === receiver && line.seq < belowSeq) awaited.delete(messageId)
    },
    /** The message is no longer awaited. */
    givenUp: (messageId: string): void => void awaited.delete(messageId),
    /** The server has a new history, in which the old seqs mean nothing. */
    forget(): void {
      lines.clear()
      awaited.clear()
      head = 0
    },
  }
}
