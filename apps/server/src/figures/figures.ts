import type { AccountId, RefusalCode, Reply } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import { Presence, type Ending, type Here } from './presence.ts'

/**
 * What is wrong with a welcomed connection.
 * - stuck: data for its device has waited longer than `patienceMs`.
 * - silent: its device has not answered for that long.
 */
export type Trouble = 'stuck' | 'silent'

/** Events from connections and requests, for the figures. Accounts are remembered only while they are connected or missing. */
export interface Figures {
  /** A device was welcomed. @returns the record of its account, or null when the account is not counted and needs no further calls. */
  came(accountId: AccountId): Here | null
  /** A counted connection ended. */
  went(accountId: AccountId, here: Here, ending: Ending): void
  /** A device with a valid token is not connected: it was told to come later, or left before the welcome. */
  keptOut(accountId: AccountId): void
  /** A message of a counted account was accepted. */
  accepted(): void
  /** A message or a device of this account was told to come later. */
  refusedBusy(accountId: AccountId): void
  /** Counts a sign-in, and whether it failed by the server's fault. */
  signIn<T extends { readonly ok: boolean; readonly code?: RefusalCode }>(handle: string, run: () => Promise<T>): Promise<T>
  /** One pass over all counted connections, to find the late ones. @param pass reports each connection with a problem. */
  look(pass: (tell: (here: Here, trouble: Trouble) => void) => void): void
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
}

const SERVERS_FAULT: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['busy', 'unavailable', 'internal'])

/** Counts how this process serves its users [F2]. */
export function createFigures({ clock, process, cell, isCanary, isCanaryHandle }: FiguresOptions): Figures {
  const presence = new Presence(clock)
  const startedAt = clock.now()
  let late = 0
  let signInsTried = 0
  let signInsFailed = 0
  let accepted = 0
  let refusedBusy = 0

  return {
    came(accountId) {
      return isCanary(accountId) ? null : presence.came(accountId)
    },
    went: (accountId, here, ending) => presence.went(accountId, here, ending),
    keptOut(accountId) {
      if (!isCanary(accountId)) presence.keptOut(accountId)
    },
    accepted: () => void accepted++,
    refusedBusy(accountId) {
      if (!isCanary(accountId)) refusedBusy++
    },

    async signIn(handle, run) {
      if (isCanaryHandle(handle)) return run()
      signInsTried++
      let failed = false
      const fail = (): void => {
        if (!failed) signInsFailed++
        failed = true
      }
      // A missing answer counts as a failure: after this wait a person thinks that the service is broken, and is right.
      const cancel = clock.after(FIGURES_BOUNDS.patienceMs, fail)
      try {
        const answered = await run()
        if (answered.code !== undefined && SERVERS_FAULT.has(answered.code)) fail()
        return answered
      } catch (cause) {
        fail()
        throw cause
      } finally {
        cancel()
      }
    },

    look(pass) {
      const stuck = new Set<Here>()
      const silent = new Map<Here, number>()
      let alone = 0
      pass((here, trouble) => {
        // Nearly every account has one device here, and then no sum is needed.
        if (here.connections === 1) alone++
        else if (trouble === 'stuck') stuck.add(here)
        else silent.set(here, (silent.get(here) ?? 0) + 1)
      })
      late = alone + stuck.size
      // A sleeping phone beside an answering PC does not make an account late.
      for (const [here, count] of silent) if (!stuck.has(here) && count >= here.connections) late++
    },

    sample() {
      const { here, lost, cut } = presence.count()
      return {
        at: clock.now(),
        process,
        cell,
        startedAt,
        activeUsers: here + lost,
        // Cut accounts have no connection and late ones have one, so no account is both.
        affectedUsers: cut + Math.min(late, here),
        cutUsers: cut,
        lateUsers: Math.min(late, here),
        connections: presence.connections,
        signInsTried,
        signInsFailed,
        reconnects: presence.reconnects,
        accepted,
        refusedBusy,
      }
    },

    collectSeen: () => presence.collectSeen(),
  }
}
