import type { RefusalCode } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'

/** Failed sign-ins allowed: for one handle, whoever tries, and for one address, whatever it tries. */
export interface SignInLimits {
  readonly failuresPerHandle: number
  readonly failuresPerAddress: number
  readonly windowMs: number
}

export const GUARD_BOUNDS = {
  /** Handles, and addresses, that are counted at a time; beyond it those counted longest ago are forgotten. Each try costs a hash, which bounds them too. */
  countedMax: 100_000,
  /** Handles remembered to have signed in from an address, and for how long. */
  familiarMax: 50_000,
  familiarMs: 30 * 86_400_000,
  /** What those wait who are too many only while others are being checked. */
  undecidedRetryMs: 1_000,
} as const

/** A try that may be made. To be ended exactly once, whatever happens. */
export interface SignInTry {
  readonly ok: true
  failed(): void
  succeeded(): void
  /** It could not be found out whether it would have succeeded. */
  undecided(): void
}

export interface SignInRefused {
  readonly ok: false
  readonly code: RefusalCode & ('rate-limited' | 'busy')
  readonly retryAfterMs: number
}

export interface SignInGuard {
  begin(handle: string, address: string): SignInTry | SignInRefused
}

/** Failures of one handle or address since the first of them, and tries that are being made. */
interface Count {
  failed: number
  pending: number
  /** Monotonic ms at which the failures are forgotten. */
  endsAt: number
}

class Counts {
  readonly #max: number
  readonly #windowMs: number
  readonly #all = new Map<string, Count>()

  constructor(max: number, windowMs: number) {
    this.#max = max
    this.#windowMs = windowMs
  }

  /** The count as of now. */
  look(key: string, now: number): Count {
    const count = this.#all.get(key) ?? { failed: 0, pending: 0, endsAt: 0 }
    if (now >= count.endsAt) count.failed = 0
    return count
  }

  /** How long until this key may try again, for what it has failed; 0 when it may. */
  waitMs(key: string, now: number): number {
    const { failed, endsAt } = this.look(key, now)
    return failed >= this.#max ? endsAt - now : 0
  }

  /** Whether all tries that are left are being made now. A try under way may fail, so that many at once are no more than one after the other. */
  isFull(key: string, now: number): boolean {
    const { failed, pending } = this.look(key, now)
    return failed + pending >= this.#max
  }

  begin(key: string, now: number): void {
    const count = this.look(key, now)
    count.pending++
    this.#all.delete(key)
    this.#all.set(key, count)
    let looked = 0
    for (const [other, { pending, endsAt }] of this.#all) {
      // There are only as many of these as passwords are being checked.
      if (pending > 0) continue
      const isOver = now >= endsAt || this.#all.size > GUARD_BOUNDS.countedMax
      if (!isOver || looked++ >= 2) break
      this.#all.delete(other)
    }
  }

  end(key: string, failed: 0 | 1, now: number): void {
    const count = this.look(key, now)
    count.pending--
    if (failed === 0) return
    if (count.failed === 0) count.endsAt = now + this.#windowMs
    count.failed++
  }

  forgive(key: string): void {
    const count = this.#all.get(key)
    if (count !== undefined) count.failed = 0
  }
}

/**
 * Bounds guessing [O1], and nobody else: who was not wrong waits a second at most, and whoever has signed in from an address lately may do so though
 * others there were wrong, as in a school, whose pupils all have one address.
 */
export function createSignInGuard(limits: SignInLimits, clock: Pick<Clock, 'monotonic'>): SignInGuard {
  const byHandle = new Counts(limits.failuresPerHandle, limits.windowMs)
  const byAddress = new Counts(limits.failuresPerAddress, limits.windowMs)
  /** Handle and address, and when it last succeeded; the longest ago first. */
  const familiar = new Map<string, number>()

  function knows(pair: string, now: number): boolean {
    const at = familiar.get(pair)
    return at !== undefined && now - at < GUARD_BOUNDS.familiarMs
  }

  function remember(pair: string, now: number): void {
    familiar.delete(pair)
    familiar.set(pair, now)
    if (familiar.size > GUARD_BOUNDS.familiarMax) for (const oldest of familiar.keys().take(1)) familiar.delete(oldest)
  }

  return {
    begin(handle, address) {
      const now = clock.monotonic()
      const pair = `${address} ${handle}`
      const isKnown = knows(pair, now)
      const waitMs = Math.max(byHandle.waitMs(handle, now), isKnown ? 0 : byAddress.waitMs(address, now))
      if (waitMs > 0) return { ok: false, code: 'rate-limited', retryAfterMs: Math.ceil(waitMs) }
      if (byHandle.isFull(handle, now) || (!isKnown && byAddress.isFull(address, now)))
        return { ok: false, code: 'busy', retryAfterMs: GUARD_BOUNDS.undecidedRetryMs }
      byHandle.begin(handle, now)
      byAddress.begin(address, now)
      const end = (failed: 0 | 1): number => {
        const endedAt = clock.monotonic()
        byHandle.end(handle, failed, endedAt)
        byAddress.end(address, failed, endedAt)
        return endedAt
      }
      return {
        ok: true,
        failed: () => void end(1),
        undecided: () => void end(0),
        succeeded() {
          remember(pair, end(0))
          byHandle.forgive(handle)
        },
      }
    },
  }
}
