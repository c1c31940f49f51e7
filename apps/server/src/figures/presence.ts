import type { AccountId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { FIGURES_BOUNDS } from './bounds.ts'

/**
 * How a connection ended, or what became of a device that asked to come in.
 * - farewell: the person closed the app or signed out; the device is not missed.
 * - lost: it broke, or was cut from this side.
 * - replaced: its device has come anew and takes its place. Missed until that one is in, but it is no reconnect.
 */
export type Ending = 'farewell' | 'lost' | 'replaced'

/** An account that has connections, and how many: known to each of them, so that nothing has to be looked up when all are looked at. */
export interface Here {
  connections: number
}

interface Lost {
  /** Since when the account has had no connection, by the monotonic clock. */
  readonly since: number
  /** When it last tried to come in, or lost its last connection. */
  readonly seenAt: number
  /** Connections that were lost and have not come back. */
  readonly missing: number
}

/**
 * Who is here and who should be, for the figures [F2]. Only accounts are told apart, and only in memory: nothing of it is written or leaves.
 * Costs one look-up when a connection comes or goes, and nothing for a message.
 */
export class Presence {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** Each account that has a connection. */
  readonly #here = new Map<AccountId, Here>()
  /** Accounts that have none and did not say farewell; those seen longest ago stand first. */
  readonly #lost = new Map<AccountId, Lost>()
  /** Came or went since the last time it was asked, and when first; by the monotonic clock. */
  #seen = new Map<AccountId, number>()
  #seenFrom: number
  #connections = 0
  #reconnects = 0

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
    this.#seenFrom = clock.monotonic()
  }

  get connections(): number {
    return this.#connections
  }

  get reconnects(): number {
    return this.#reconnects
  }

  /** A device was welcomed. */
  came(accountId: AccountId): Here {
    this.#connections++
    let here = this.#here.get(accountId)
    if (here === undefined) this.#here.set(accountId, (here = { connections: 0 }))
    here.connections++
    const lost = this.#lost.get(accountId)
    if (lost !== undefined) {
      if (lost.missing > 0) this.#reconnects++
      this.#lost.delete(accountId)
    }
    this.#note(accountId)
    return here
  }

  /** A connection that had come has ended. */
  went(accountId: AccountId, here: Here, ending: Ending): void {
    this.#connections--
    if (--here.connections > 0) return
    this.#here.delete(accountId)
    this.#note(accountId)
    if (ending !== 'farewell') this.#miss(accountId, ending === 'lost' ? 1 : 0)
  }

  /** A device of this account asked to come in, and was told to come later, or broke off while it waited. */
  keptOut(accountId: AccountId): void {
    if (!this.#here.has(accountId)) this.#miss(accountId, 0)
  }

  #miss(accountId: AccountId, missing: number): void {
    const now = this.#clock.monotonic()
    const before = this.#lost.get(accountId)
    // Set anew, so that the map stays in the order of `seenAt`.
    this.#lost.delete(accountId)
    this.#lost.set(accountId, { since: before?.since ?? now, seenAt: now, missing: (before?.missing ?? 0) + missing })
    for (const [other, { seenAt }] of this.#lost) {
      if (this.#lost.size <= FIGURES_BOUNDS.lostMax && now - seenAt <= FIGURES_BOUNDS.forgottenMs) break
      this.#lost.delete(other)
    }
  }

  /** Accounts with a connection, those that miss theirs, and of these those that have for longer than people are patient. */
  count(): { readonly here: number; readonly lost: number; readonly cut: number } {
    const now = this.#clock.monotonic()
    let lost = 0
    let cut = 0
    for (const [accountId, { since, seenAt }] of this.#lost) {
      if (now - seenAt > FIGURES_BOUNDS.forgottenMs) {
        this.#lost.delete(accountId)
        continue
      }
      lost++
      if (now - since > FIGURES_BOUNDS.patienceMs) cut++
    }
    return { here: this.#here.size, lost, cut }
  }

  #note(accountId: AccountId): void {
    if (this.#seen.size < FIGURES_BOUNDS.activeMax && !this.#seen.has(accountId)) this.#seen.set(accountId, this.#clock.monotonic())
  }

  /** Accounts that were here at any time since this was called the last time, and how many ms ago each was first. */
  takeSeen(): Map<AccountId, number> {
    const now = this.#clock.monotonic()
    const seen = this.#seen
    // Whoever neither came nor went was here all the time.
    for (const accountId of this.#here.keys()) if (!seen.has(accountId)) seen.set(accountId, this.#seenFrom)
    this.#seen = new Map()
    this.#seenFrom = now
    for (const [accountId, at] of seen) seen.set(accountId, now - at)
    return seen
  }
}
