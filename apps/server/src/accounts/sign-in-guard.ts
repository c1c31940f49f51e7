import type { DeviceId, RefusalCode } from '@bongsu/protocol'
import type { Limits } from '../ops/limits.ts'

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
  /** Beyond the allowed failures of a handle, or of an address, one try may be made in this time. */
  slowHandleMs: 30_000,
  slowAddressMs: 5_000,
  /** Tries of one known device, or of one handle from an address where it signed in, that are checked at the same time. */
  ownAtATimeMax: 2,
} as const

/** Who tries to sign in. */
export interface Comer {
  readonly handle: string
  readonly address: string
  /** The device, when it is signed in to the account of this handle. */
  readonly device: DeviceId | null
}

/** An allowed try. The caller must end it exactly once. */
export interface SignInTry {
  readonly ok: true
  /** Whether the account has signed in with this device, or from this address, before. */
  readonly known: boolean
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
  begin(comer: Comer): Promise<SignInTry | SignInRefused>
}

/** Failures of one kind of key: counted ones, and tries being checked in this process. */
class Failures {
  readonly #limits: Limits
  readonly #kind: string
  readonly #max: number
  readonly #windowMs: number
  readonly #slowMs: number
  /** Bounded by the number of passwords being checked. */
  readonly #underWay = new Map<string, number>()

  constructor(limits: Limits, kind: string, max: number, windowMs: number, slowMs: number) {
    this.#limits = limits
    this.#kind = kind
    this.#max = max
    this.#windowMs = windowMs
    this.#slowMs = slowMs
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

  /** @returns how many more failures this key may have. */
  async left(key: string): Promise<number> {
    return (await this.#limits.look(`${this.#kind}:${key}`, this.#max)).points
  }

  /** @returns the wait until the next slow try. */
  async slowWaitMs(key: string): Promise<number> {
    const { points, windowMs } = await this.#limits.look(`slow-${this.#kind}:${key}`, 1)
    return points > 0 ? 0 : windowMs
  }

  /** @returns the wait when another one took the slow try. */
  async takeSlow(key: string): Promise<number> {
    const taken = await this.#limits.spend(`slow-${this.#kind}:${key}`, 1, this.#slowMs)
    return taken.ok ? 0 : taken.retryAfterMs
  }

  async count(key: string): Promise<void> {
    await this.#limits.spend(`${this.#kind}:${key}`, this.#max, this.#windowMs)
    if ((await this.left(key)) === 0) await this.takeSlow(key)
  }

  async forgive(key: string): Promise<void> {
    await Promise.all([this.#limits.forget(`${this.#kind}:${key}`), this.#limits.forget(`slow-${this.#kind}:${key}`)])
  }
}

/**
 * Bounds password guessing [O1, B20] without harming others. Failures of a known device, and of a handle from an address where it signed in before,
 * count for these alone, so that nobody else's guesses keep the owner out. Strangers share the failures of the handle and of the address. Beyond them
 * they are slowed, never locked out.
 * @param familiar counts of their own, so that failures push no familiar pair out.
 * @param processes number of server processes that share the limits. Each checks its part of the tries that are left, and at least one at a time.
 */
export function createSignInGuard(bounds: SignInLimits, limits: Limits, familiar: Limits, processes: () => number = () => 1): SignInGuard {
  const { failuresPerHandle, failuresPerAddress, windowMs } = bounds
  const byOwn = new Failures(limits, 'own', failuresPerHandle, windowMs, GUARD_BOUNDS.slowHandleMs)
  const byHandle = new Failures(limits, 'handle', failuresPerHandle, windowMs, GUARD_BOUNDS.slowHandleMs)
  const byAddress = new Failures(limits, 'address', failuresPerAddress, windowMs, GUARD_BOUNDS.slowAddressMs)
  const share = (points: number): number => (points === 0 ? 0 : Math.max(1, Math.floor(points / processes())))
  const busy: SignInRefused = { ok: false, code: 'busy', retryAfterMs: GUARD_BOUNDS.undecidedRetryMs }

  async function knows(pair: string): Promise<boolean> {
    return (await familiar.look(pair, 1)).points === 0
  }

  async function remember(pair: string): Promise<void> {
    await familiar.forget(pair)
    await familiar.spend(pair, 1, GUARD_BOUNDS.familiarMs)
  }

  /** A try of a known device, or from a familiar address. Null when its failures are used up. */
  async function beginOwn(own: string, pair: string, handle: string): Promise<SignInTry | SignInRefused | null> {
    const place = byOwn.begin(own)
    const undecided = (): void => byOwn.end(own)
    const left = await byOwn.left(own).catch((cause: unknown) => {
      undecided()
      throw cause
    })
    if (left === 0 || place > Math.min(share(left), GUARD_BOUNDS.ownAtATimeMax)) {
      undecided()
      return left === 0 ? null : busy
    }
    return {
      ok: true,
      known: true,
      undecided,
      failed: () => byOwn.count(own).finally(undecided),
      async succeeded() {
        undecided()
        await Promise.all([remember(pair), byOwn.forgive(own), byHandle.forgive(handle)])
      },
    }
  }

  async function beginStranger(handle: string, address: string, pair: string): Promise<SignInTry | SignInRefused> {
    // Counted before the limits are asked, because a running try may fail: simultaneous tries each count.
    const place = { handle: byHandle.begin(handle), address: byAddress.begin(address) }
    const undecided = (): void => {
      byHandle.end(handle)
      byAddress.end(address)
    }
    const refused = await look().catch((cause: unknown) => {
      undecided()
      throw cause
    })
    if (refused !== null) {
      undecided()
      return refused
    }
    return {
      ok: true,
      known: false,
      undecided,
      async failed() {
        await Promise.all([byHandle.count(handle), byAddress.count(address)]).finally(undecided)
      },
      async succeeded() {
        undecided()
        await Promise.all([remember(pair), byHandle.forgive(handle)])
      },
    }

    async function look(): Promise<SignInRefused | null> {
      const left = { handle: await byHandle.left(handle), address: await byAddress.left(address) }
      const slow = [...(left.handle === 0 ? [{ by: byHandle, key: handle }] : []), ...(left.address === 0 ? [{ by: byAddress, key: address }] : [])]
      const waits = await Promise.all(slow.map(({ by, key }) => by.slowWaitMs(key)))
      let waitMs = Math.max(0, ...waits)
      for (const { by, key } of slow) if (waitMs === 0) waitMs = await by.takeSlow(key)
      if (waitMs > 0) return { ok: false, code: 'rate-limited', retryAfterMs: waitMs }
      const isFull = (left.handle > 0 && place.handle > share(left.handle)) || (left.address > 0 && place.address > share(left.address))
      return isFull ? busy : null
    }
  }

  return {
    async begin({ handle, address, device }) {
      const pair = `familiar:${address} ${handle}`
      const isFamiliar = await knows(pair)
      for (const own of [...(device === null ? [] : [`device:${device}`]), ...(isFamiliar ? [pair] : [])]) {
        const attempt = await beginOwn(own, pair, handle)
        if (attempt !== null) return attempt
      }
      return beginStranger(handle, address, pair)
    },
  }
}
