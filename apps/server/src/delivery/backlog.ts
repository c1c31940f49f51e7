/** How far a stream has come with what it has to send, in entries and changes of the account. */
export interface StreamProgress {
  readonly sent: number
  readonly owed: number
}

/**
 * How long the oldest thing that waits for one device has waited, found by looking at it now and then, so that nothing has to be noted when a
 * message comes or goes. True to the time between two looks. Kept only while something waits.
 */
export class Backlog {
  /** What was owed at `#since`, when everything owed before had gone out. */
  #owed = 0
  #sent = 0
  #since: number
  /** Bytes that waited at the last look, and when they last became fewer. */
  #bytes = 0
  #stalledSince: number

  constructor(now: number) {
    this.#since = now
    this.#stalledSince = now
  }

  /** @param progress null when the stream has sent everything. @returns milliseconds. */
  look(now: number, progress: StreamProgress | null, waitingBytes: number): number {
    // Fewer than at the mark: a conversation was left, and the mark says nothing any more.
    if (progress === null || progress.sent >= this.#owed || progress.sent < this.#sent) {
      this.#since = now
      this.#owed = progress?.owed ?? 0
      this.#sent = progress?.sent ?? 0
    }
    if (waitingBytes === 0 || waitingBytes < this.#bytes) this.#stalledSince = now
    this.#bytes = waitingBytes
    return now - Math.min(this.#since, this.#stalledSince)
  }
}
