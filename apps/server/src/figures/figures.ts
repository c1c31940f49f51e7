import { LIMITS, type AccountId, type RefusalCode, type Reply } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import { Presence, type Ending, type Here } from './presence.ts'

/** Receives what a pass over all connections finds. */
export interface Troubles {
  /** The device of a counted connection has been silent for more than `patienceMs`. @param ms since its last sign of life. */
  readonly silent: (here: Here, ms: number) => void
  /** A request of this account has not been answered for more than `patienceMs`. */
  readonly unanswered: (accountId: AccountId) => void
}

/** Events from connections and requests, for the figures. Accounts are remembered only while they are connected or missing. */
export interface Figures {
  /** A device was welcomed. @returns the record of its account, or null when the account is not counted and needs no further calls. */
  came(accountId: AccountId): Here | null
  /** A device of this account was welcomed by another process, which counts it from now on. */
  cameElsewhere(accountId: AccountId): void
  /** A counted connection ended. @param silentMs how long its device had been silent; 0 when it was not. */
  went(accountId: AccountId, here: Here, ending: Ending, silentMs: number): void
  /** A device with a valid token is not connected: it was told to come later, or left before the welcome. */
  keptOut(accountId: AccountId): void
  /** A message of a counted account was accepted. */
  accepted(): void
  /** A message or an act of this account was answered as it should be. */
  served(accountId: AccountId): void
  /** A message, an act or a device of this account was refused by the server’s fault. */
  refusedBusy(accountId: AccountId): void
  /** Counts a sign-in, and whether it failed by the server's fault. */
  signIn<T extends { readonly ok: boolean; readonly code?: RefusalCode }>(handle: string, run: () => Promise<T>): Promise<T>
  /** One pass over all connections, to find people who are silent or unanswered. @param pass reports each connection with a problem. */
  look(pass: (troubles: Troubles) => void): void
  sample(): Reply<'figures'>
  /** Accounts that were connected since the last call. */
  collectSeen(): Map<AccountId, number>
}

export interface FiguresOptions {
  readonly clock: Clock
  /** Name of this process, new at each start. */
  readonly process: string
  readonly cell: string
  readonly isCanary: (accountId: AccountId) => boolean
  readonly isCanaryHandle: (handle: string) => boolean
  /** Settings of the store by which confirmed entries could be lost; none when left out. */
  readonly unsafe?: () => readonly string[]
}

const SERVERS_FAULT: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['busy', 'unavailable', 'internal'])

/** Counts how this process serves its users [F2]. */
export function createFigures({ clock, process, cell, isCanary, isCanaryHandle, unsafe: unsafeNow = () => [] }: FiguresOptions): Figures {
  const presence = new Presence(clock)
  const startedAt = clock.now()
  /** Connected accounts all of whose devices are silent, and the time of their last sign of life. */
  let silentHere: readonly { readonly here: Here; readonly aliveAt: number }[] = []
  /** Accounts that the server failed and has not served since, with the time of the last failure; failed longest ago first. */
  const failed = new Map<AccountId, number>()
  let signInsTried = 0
  let signInsFailed = 0
  let accepted = 0
  let refusedBusy = 0

  function fail(accountId: AccountId): void {
    const now = clock.monotonic()
    // Inserted again, so that the map stays in the order of failure.
    failed.delete(accountId)
    failed.set(accountId, now)
    for (const [other, at] of failed) {
      if (failed.size <= FIGURES_BOUNDS.failedMax && now - at < FIGURES_BOUNDS.failedMs) break
      failed.delete(other)
    }
  }

  function countFailed(): number {
    const now = clock.monotonic()
    for (const [accountId, at] of failed) {
      if (now - at < FIGURES_BOUNDS.failedMs) break
      failed.delete(accountId)
    }
    return failed.size
  }

  /** Silent accounts by age, and how many of them have a connection. */
  function countSilent(): { readonly silent: Reply<'figures'>['silent']; readonly connected: number } {
    const now = clock.monotonic()
    const slices = new Map<number, number>()
    const add = (ms: number): void => {
      const agoMs = Math.floor(Math.min(ms, FIGURES_BOUNDS.forgottenMs - 1) / LIMITS.silentSliceMs) * LIMITS.silentSliceMs
      slices.set(agoMs, (slices.get(agoMs) ?? 0) + 1)
    }
    // Whoever has lost the connection since the last look is among the lost ones.
    const stillHere = silentHere.filter(({ here }) => here.connections > 0)
    for (const { aliveAt } of stillHere) add(now - aliveAt)
    for (const ms of presence.lostForMs()) add(ms)
    const silent = [...slices].toSorted(([one], [other]) => one - other).map(([agoMs, users]) => ({ agoMs, users }))
    return { silent, connected: stillHere.length }
  }

  return {
    came(accountId) {
      if (isCanary(accountId)) return null
      failed.delete(accountId)
      return presence.came(accountId)
    },
    cameElsewhere(accountId) {
      failed.delete(accountId)
      presence.found(accountId)
    },
    went: (accountId, here, ending, silentMs) => presence.went(accountId, here, ending, silentMs),
    keptOut(accountId) {
      if (!isCanary(accountId)) presence.keptOut(accountId)
    },
    accepted: () => void accepted++,
    served(accountId) {
      if (failed.size > 0) failed.delete(accountId)
    },
    refusedBusy(accountId) {
      if (isCanary(accountId)) return
      refusedBusy++
      fail(accountId)
    },

    async signIn(handle, run) {
      if (isCanaryHandle(handle)) return run()
      signInsTried++
      let counted = false
      const count = (): void => {
        if (!counted) signInsFailed++
        counted = true
      }
      // A missing answer counts as a failure: after this wait a person thinks that the service is broken, and is right.
      const cancel = clock.after(FIGURES_BOUNDS.patienceMs, count)
      try {
        const answered = await run()
        if (answered.code !== undefined && SERVERS_FAULT.has(answered.code)) count()
        return answered
      } catch (cause) {
        count()
        throw cause
      } finally {
        cancel()
      }
    },

    look(pass) {
      const now = clock.monotonic()
      const several = new Map<Here, { connections: number; aliveAt: number }>()
      const silent: { readonly here: Here; readonly aliveAt: number }[] = []
      pass({
        silent(here, ms) {
          // Nearly every account has one device here, and then no sum is needed.
          if (here.connections === 1) return void silent.push({ here, aliveAt: now - ms })
          const sum = several.get(here)
          if (sum === undefined) return void several.set(here, { connections: 1, aliveAt: now - ms })
          sum.connections++
          sum.aliveAt = Math.max(sum.aliveAt, now - ms)
        },
        unanswered(accountId) {
          if (!isCanary(accountId)) fail(accountId)
        },
      })
      // A sleeping phone beside an answering PC does not make an account silent.
      for (const [here, { connections, aliveAt }] of several) if (connections >= here.connections) silent.push({ here, aliveAt })
      silentHere = silent
    },

    sample() {
      const { silent, connected } = countSilent()
      const unsafe = unsafeNow()
      return {
        at: clock.now(),
        process,
        cell,
        startedAt,
        connectedUsers: presence.here - connected,
        silent,
        failedUsers: countFailed(),
        connections: presence.connections,
        signInsTried,
        signInsFailed,
        reconnects: presence.reconnects,
        accepted,
        refusedBusy,
        ...(unsafe.length === 0 ? {} : { unsafe: [...unsafe] }),
      }
    },

    collectSeen: () => presence.collectSeen(),
  }
}
