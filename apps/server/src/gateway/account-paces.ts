import type { AccountId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { TokenBucket } from './token-bucket.ts'

/** What all connected devices of one account share [B24]. */
export interface AccountPace {
  readonly frames: TokenBucket
  readonly refreshes: TokenBucket
}

/** The paces of connected accounts. A pace lives for as long as a device is connected, and a while longer: connecting again gains nothing. */
export class AccountPaces {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #limits: { readonly framesPerSecond: number; readonly framesBurst: number }
  readonly #paces = new Map<AccountId, { readonly pace: AccountPace; devices: number; leftAt: number }>()

  constructor(clock: Pick<Clock, 'monotonic'>, limits: { readonly framesPerSecond: number; readonly framesBurst: number }) {
    this.#clock = clock
    this.#limits = limits
  }

  get size(): number {
    return this.#paces.size
  }

  enter(accountId: AccountId): AccountPace {
    const mine = this.#paces.get(accountId) ?? { pace: this.#make(), devices: 0, leftAt: 0 }
    mine.devices++
    this.#paces.set(accountId, mine)
    return mine.pace
  }

  leave(accountId: AccountId): void {
    const mine = this.#paces.get(accountId)
    if (mine === undefined || --mine.devices > 0) return
    const now = this.#clock.monotonic()
    mine.leftAt = now
    // Those that left first stand first, and each that leaves ends two: so the kept ones never pile up.
    this.#paces.delete(accountId)
    this.#paces.set(accountId, mine)
    let looked = 0
    for (const [other, { devices, leftAt }] of this.#paces) {
      if (devices === 0 && now - leftAt > GATEWAY_BOUNDS.accountPaceKeptMs) this.#paces.delete(other)
      if (++looked >= 2) return
    }
  }

  #make(): AccountPace {
    const { framesPerSecond, framesBurst } = this.#limits
    const { accountPaceFactor, refreshesPerSecond, refreshesBurst } = GATEWAY_BOUNDS
    const now = this.#clock.monotonic()
    return {
      frames: new TokenBucket(framesPerSecond * accountPaceFactor, framesBurst * accountPaceFactor, now),
      refreshes: new TokenBucket(refreshesPerSecond, refreshesBurst, now),
    }
  }
}
