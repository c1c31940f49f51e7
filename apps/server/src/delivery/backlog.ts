import type { Subscription } from './live-room.ts'

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

/** @param more what the account log owes besides. */
export function progressOf(subscriptions: readonly Subscription[], knowsItems: boolean, account: number, more: number): StreamProgress {
  let [sent, owed] = [account, account + more]
  for (const { sent: upTo, change, room } of subscriptions) {
    sent += upTo
    owed += room.head
    if (!knowsItems) continue
    sent += change
    owed += room.change
  }
  return { sent, owed }
}

/** What was sent in all conversations [D6]. */
export function sumOf(subscriptions: readonly Subscription[], knowsItems: boolean): number {
  let total = 0
  for (const { sent, change } of subscriptions) total += knowsItems ? sent + change : sent
  return total
}
