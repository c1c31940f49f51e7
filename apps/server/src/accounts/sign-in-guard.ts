import type { RefusalCode } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Left, Limits } from '../ops/limits.ts'

/** Allowed failed sign-ins: for one handle from any address, and for one address with any handle. */
export interface SignInLimits {
  readonly failuresPerHandle: number
  readonly failuresPerAddress: number
  readonly windowMs: number
}

/** Window in which failed sign-ins are counted. */
export const SIGN_IN_WINDOW_MS = 900_000

export const GUARD_BOUNDS = {
  /** Most remembered pairs of handle and address with a successful sign-in, and how long they are remembered. */
  familiarMax: 50_000,
  familiarMs: 30 * 86_400_000,
  /** Wait of a try that exceeds the limit only because other tries are still being checked. */
  undecidedRetryMs: 1_000,
} as const

/** An allowed try. The caller must end it exactly once. */
export interface SignInTry {
  readonly ok: true
  failed(): Promise<void>
  succeeded(): Promise<void>
  /** The check could not be completed. */
  undecided(): void
}

export interface SignInRefused {
  readonly ok: false
  readonly code: RefusalCode & ('rate-limited' | 'busy')
  readonly retryAfterMs: number
}

export interface SignInGuard {
  begin(handle: string, address: string): Promise<SignInTry | SignInRefused>
}

/** Failures by handle or by address: counted ones, and tries being checked in this process. */
class Failures {
  readonly #limits: Limits
  readonly #kind: string
  readonly #max: number
  readonly #windowMs: number
  /** Bounded by the number of passwords being checked. */
  readonly #underWay = new Map<string, number>()

  constructor(limits: Limits, kind: string, max: number, windowMs: number) {
    this.#limits = limits
    this.#kind = kind
    this.#max = max
    this.#windowMs = windowMs
  }

  /** @returns the running tries of this key, this one included. */
  begin(key: string): number {
    const underWay = (this.#underWay.get(key) ?? 0) + 1
    this.#underWay.set(key, underWay)
    return underWay
  }

  end(key: string): void {
    const underWay = (this.#underWay.get(key) ?? 1) - 1
    if (underWay > 0) this.#underWay.set(key, underWay)
    else this.#underWay.delete(key)
  }

  /** @returns how many more failures this key may have, and the wait when there are none left. */
  left(key: string): Promise<Left> {
    return this.#limits.look(`${this.#kind}:${key}`, this.#max)
  }

  async count(key: string): Promise<void> {
    await this.#limits.spend(`${this.#kind}:${key}`, this.#max, this.#windowMs)
  }

  forgive(key: string): Promise<void> {
    return this.#limits.forget(`${this.#kind}:${key}`)
  }
}

/**
 * Bounds password guessing [O1] without harming others. A person with the right password waits at most a second. A handle that recently signed in
 * from an address may do so although others there failed, as in a school whose pupils share one address.
 */
export function createSignInGuard(bounds: SignInLimits, limits: Limits, clock: Pick<Clock, 'monotonic'>): SignInGuard {
  const byHandle = new Failures(limits, 'handle', bounds.failuresPerHandle, bounds.windowMs)
  const byAddress = new Failures(limits, 'address', bounds.failuresPerAddress, bounds.windowMs)
  /** Handle and address with the time of the last success, oldest first. */
  const familiar = new Map<string, number>()

  function knows(pair: string): boolean {
    const at = familiar.get(pair)
    return at !== undefined && clock.monotonic() - at < GUARD_BOUNDS.familiarMs
  }

  function remember(pair: string): void {
    familiar.delete(pair)
    familiar.set(pair, clock.monotonic())
    if (familiar.size > GUARD_BOUNDS.familiarMax) for (const oldest of familiar.keys().take(1)) familiar.delete(oldest)
  }

  return {
    async begin(handle, address) {
      const pair = `${address} ${handle}`
      const isKnown = knows(pair)
      // Counted before the limits are asked, because a running try may fail: simultaneous tries each count.
      const place = { handle: byHandle.begin(handle), address: byAddress.begin(address) }
      const undecided = (): void => {
        byHandle.end(handle)
        byAddress.end(address)
      }
      const refused = await look(place, isKnown).catch((cause: unknown) => {
        undecided()
        throw cause
      })
      if (refused !== null) {
        undecided()
        return refused
      }
      return {
        ok: true,
        undecided,
        async failed() {
          await Promise.all([byHandle.count(handle), byAddress.count(address)]).finally(undecided)
        },
        async succeeded() {
          undecided()
          remember(pair)
          await byHandle.forgive(handle)
        },
      }

      async function look(mine: { readonly handle: number; readonly address: number }, known: boolean): Promise<SignInRefused | null> {
        const [ofHandle, ofAddress] = await Promise.all([byHandle.left(handle), byAddress.left(address)])
        const waitMs = Math.max(ofHandle.points > 0 ? 0 : ofHandle.windowMs, known || ofAddress.points > 0 ? 0 : ofAddress.windowMs)
        if (waitMs > 0) return { ok: false, code: 'rate-limited', retryAfterMs: waitMs }
        const isFull = mine.handle > ofHandle.points || (!known && mine.address > ofAddress.points)
        return isFull ? { ok: false, code: 'busy', retryAfterMs: GUARD_BOUNDS.undecidedRetryMs } : null
      }
    },
  }
}
