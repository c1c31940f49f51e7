import type { RefusalCode } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { Left, Limits } from '../ops/limits.ts'

/** Failed sign-ins allowed: for one handle, whoever tries, and for one address, whatever it tries. */
export interface SignInLimits {
  readonly failuresPerHandle: number
  readonly failuresPerAddress: number
  readonly windowMs: number
}

export const GUARD_BOUNDS = {
  /** Handles remembered to have signed in from an address, and for how long. */
  familiarMax: 50_000,
  familiarMs: 30 * 86_400_000,
  /** How long a try has to wait that is one too many only while others are being checked. */
  undecidedRetryMs: 1_000,
} as const

/** A try that may be made. To be ended exactly once, whatever happens. */
export interface SignInTry {
  readonly ok: true
  failed(): Promise<void>
  succeeded(): Promise<void>
  /** It could not be found out whether it would have succeeded. */
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

/** Failures of handles, or of addresses: those that are counted, and tries that are being made in this process. */
class Failures {
  readonly #limits: Limits
  readonly #kind: string
  readonly #max: number
  readonly #windowMs: number
  /** Only as many as passwords are being checked. */
  readonly #underWay = new Map<string, number>()

  constructor(limits: Limits, kind: string, max: number, windowMs: number) {
    this.#limits = limits
    this.#kind = kind
    this.#max = max
    this.#windowMs = windowMs
  }

  /** @returns how many tries of this key are under way now, this one included. */
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

  /** @returns how many failures this key may still have, and for how long it has to wait when there are none. */
  left(key: string): Promise<Left> {
    return this.#limits.look(`${this.#kind}:${key}`, this.#max)
  }

  async count(key: string): Promise<void> {
    await this.#limits.take(`${this.#kind}:${key}`, this.#max, this.#windowMs)
  }

  forgive(key: string): Promise<void> {
    return this.#limits.forget(`${this.#kind}:${key}`)
  }
}

/**
 * Bounds guessing [O1], and nobody else: who was not wrong waits a second at most, and whoever has signed in from an address lately may do so though
 * others there were wrong, as in a school, whose pupils all have one address.
 */
export function createSignInGuard(bounds: SignInLimits, limits: Limits, clock: Pick<Clock, 'monotonic'>): SignInGuard {
  const byHandle = new Failures(limits, 'handle', bounds.failuresPerHandle, bounds.windowMs)
  const byAddress = new Failures(limits, 'address', bounds.failuresPerAddress, bounds.windowMs)
  /** Handle and address, and when it last succeeded; the longest ago first. */
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
      // Before the limits are asked, so that of many tries at once each has a place of its own: a try under way may fail.
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
