/** Progress of a stream, in entries and account changes. */
export interface StreamProgress {
  readonly sent: number
  readonly owed: number
}

/**
 * How long the oldest data for one device has waited. Found by checks from time to time, so that a message itself costs nothing, and exact to the
 * time between two checks. Kept only while data waits.
 */
export class Backlog {
  /** Amount owed at `#since`, when everything owed before had been sent. */
  #owed = 0
  #sent = 0
  #since: number
  /** Waiting bytes at the last check, and when they last became fewer. */
  #bytes = 0
  #stalledSince: number

  constructor(now: number) {
    this.#since = now
    this.#stalledSince = now
  }

  /** @param progress null when the stream has sent everything. @returns milliseconds. */
  look(now: number, progress: StreamProgress | null, waitingBytes: number): number {
    // Less than at the mark: a conversation was left, and the mark is useless.
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
