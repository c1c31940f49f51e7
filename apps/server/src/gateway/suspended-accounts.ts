import type { AccountId } from '@bongsu/protocol'

export interface SuspendedParts {
  /** Reads until when each suspended account is; null: for good. */
  readonly readSuspended: () => Promise<ReadonlyMap<AccountId, number | null>>
  /** The known time, epoch ms [O8]. */
  readonly knownNow: () => number
}

/** Suspended accounts known to this process. The store is asked in each heartbeat, after each act of this process, and when a hint says so [B55]. */
export class SuspendedAccounts {
  readonly #parts: SuspendedParts
  readonly #close: (accountId: AccountId) => void
  #until: ReadonlyMap<AccountId, number | null> = new Map()
  #learning: Promise<void> | null = null
  #again = false

  /** @param close closes all connections of an account. */
  constructor(parts: SuspendedParts, close: (accountId: AccountId) => void) {
    this.#parts = parts
    this.#close = close
  }

  has(accountId: AccountId): boolean {
    return this.#isSuspended(this.#until.get(accountId))
  }

  #isSuspended(until: number | null | undefined): boolean {
    return until === null || (until !== undefined && until > this.#parts.knownNow())
  }

  /** One look at a time. What is asked for meanwhile is one more look. */
  async learn(): Promise<void> {
    if (this.#learning !== null) {
      this.#again = true
      return this.#learning
    }
    this.#learning = this.#look().finally(() => (this.#learning = null))
    return this.#learning
  }

  async #look(): Promise<void> {
    do {
      this.#again = false
      const before = this.#until
      this.#until = await this.#parts.readSuspended()
      // Whoever was let in again when an earlier suspension ended is closed too.
      for (const accountId of this.#until.keys()) if (!this.#isSuspended(before.get(accountId))) this.#close(accountId)
    } while (this.#again)
  }
}
