import type { AccountId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { FIGURES_BOUNDS } from './bounds.ts'

/**
 * How a connection, or a device's try to connect, ended.
 * - farewell: the person closed the app or signed out; the device is not missed.
 * - lost: the connection broke, or the server cut it.
 * - replaced: the device connected again and replaces this connection. It is missing until the new one is welcomed, but does not count as a
 *   reconnect.
 */
export type Ending = 'farewell' | 'lost' | 'replaced'

/**
 * A connected account with its number of connections. Each of its connections refers to this object, so that a pass over all connections needs no
 * look-up.
 */
export interface Here {
  connections: number
}

interface Lost {
  /** Last sign of life, by the monotonic clock: the end of the last connection, or earlier when it was silent before; or the last try to connect. */
  readonly aliveAt: number
  /** The device replaced its connection and is being admitted: it counts as silent only from this time. */
  readonly silentFrom: number
  /** Lost connections that have not come back. */
  readonly missing: number
}

/**
 * Connected and missing accounts, for the figures [F2]. It distinguishes accounts only, and only in memory: nothing is written or sent. It costs one
 * look-up when a connection starts or ends, and nothing for a message.
 */
export class Presence {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** Accounts with a connection. */
  readonly #here = new Map<AccountId, Here>()
  /** Accounts without a connection that did not say farewell; lost longest ago first. */
  readonly #lost = new Map<AccountId, Lost>()
  /** Accounts that connected or disconnected since the last call, and their first time; by the monotonic clock. */
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
    this.found(accountId)
    this.#note(accountId)
    return here
  }

  /** The account is connected, to this process or another one: it is not missed any more. */
  found(accountId: AccountId): void {
    const lost = this.#lost.get(accountId)
    if (lost === undefined) return
    if (lost.missing > 0) this.#reconnects++
    this.#lost.delete(accountId)
  }

  /** A welcomed connection has ended. @param silentMs how long its device had been silent; 0 when it was not. */
  went(accountId: AccountId, here: Here, ending: Ending, silentMs: number): void {
    this.#connections--
    if (--here.connections > 0) return
    this.#here.delete(accountId)
    this.#note(accountId)
    if (ending !== 'farewell') this.#miss(accountId, ending === 'lost' ? 1 : 0, silentMs, ending === 'replaced' ? FIGURES_BOUNDS.patienceMs : 0)
  }

  /** A device of this account tried to connect and was told to come later, or left while it waited. */
  keptOut(accountId: AccountId): void {
    if (!this.#here.has(accountId)) this.#miss(accountId, 0, 0, 0)
  }

  #miss(accountId: AccountId, missing: number, silentMs: number, patienceMs: number): void {
    const now = this.#clock.monotonic()
    const before = this.#lost.get(accountId)
    // Inserted again, so that the map stays in the order of loss.
    this.#lost.delete(accountId)
    this.#lost.set(accountId, { aliveAt: now - silentMs, silentFrom: now + patienceMs, missing: (before?.missing ?? 0) + missing })
    for (const [other, { aliveAt }] of this.#lost) {
      if (this.#lost.size <= FIGURES_BOUNDS.lostMax && now - aliveAt < FIGURES_BOUNDS.forgottenMs) break
      this.#lost.delete(other)
    }
  }

  /** Number of connected accounts. */
  get here(): number {
    return this.#here.size
  }

  /** Time since the last sign of life of each silent account without a connection, in ms. */
  *lostForMs(): Generator<number> {
    const now = this.#clock.monotonic()
    for (const [accountId, { aliveAt, silentFrom }] of this.#lost) {
      if (now < silentFrom) continue
      if (now - aliveAt < FIGURES_BOUNDS.forgottenMs) yield now - aliveAt
      else this.#lost.delete(accountId)
    }
  }

  #note(accountId: AccountId): void {
    if (this.#seen.size < FIGURES_BOUNDS.activeMax && !this.#seen.has(accountId)) this.#seen.set(accountId, this.#clock.monotonic())
  }

  /** Accounts connected at any time since the last call, and how many ms ago each was first. */
  collectSeen(): Map<AccountId, number> {
    const now = this.#clock.monotonic()
    const seen = this.#seen
    // An account that neither connected nor disconnected was connected all the time.
    for (const accountId of this.#here.keys()) if (!seen.has(accountId)) seen.set(accountId, this.#seenFrom)
    this.#seen = new Map()
    this.#seenFrom = now
    for (const [accountId, at] of seen) seen.set(accountId, now - at)
    return seen
  }
}
