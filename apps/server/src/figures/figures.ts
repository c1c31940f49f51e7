import type { AccountId, RefusalCode, Reply } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import { Presence, type Ending, type Here } from './presence.ts'

/**
 * What is wrong with a welcomed connection.
 * - stuck: something for its device has not gone out for longer than people are patient.
 * - silent: its device has not answered for so long.
 */
export type Trouble = 'stuck' | 'silent'

/** What connections and requests tell the figures of. Nobody's name is kept longer than they are connected or missed. */
export interface Figures {
  /** A device was welcomed. @returns what tells its account from others, or null when it is not counted; then nothing more is told of it. */
  came(accountId: AccountId): Here | null
  /** It has gone again. */
  went(accountId: AccountId, here: Here, ending: Ending): void
  /** A device with a good token is not in: told to come later, or gone before it was welcomed. */
  keptOut(accountId: AccountId): void
  /** A message of somebody who is counted was accepted. */
  accepted(): void
  /** A message or a device of this account was told to come later. */
  refusedBusy(accountId: AccountId): void
  /** Counts a try to sign in, and whether it failed by the server's fault. */
  signIn<T extends { readonly ok: boolean; readonly code?: RefusalCode }>(handle: string, run: () => Promise<T>): Promise<T>
  /** One pass over all that are counted: who is late? @param pass tells of each connection with which something is wrong. */
  look(pass: (tell: (here: Here, trouble: Trouble) => void) => void): void
  sample(): Reply<'figures'>
  /** Accounts that were here since this was called the last time. */
  takeSeen(): Map<AccountId, number>
}

export interface FiguresOptions {
  readonly clock: Clock
  /** Names this process, new with each start. */
  readonly process: string
  readonly cell: string
  readonly isCanary: (accountId: AccountId) => boolean
  readonly isCanaryHandle: (handle: string) => boolean
}

const SERVERS_FAULT: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['busy', 'unavailable', 'internal'])

/** Counts what people feel of this process [F2]. */
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
      // An answer that does not come is no answer: whoever waits so long thinks that it is broken, and is right.
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
        // Nearly everybody has one device here, and then there is nothing to add up.
        if (here.connections === 1) alone++
        else if (trouble === 'stuck') stuck.add(here)
        else silent.set(here, (silent.get(here) ?? 0) + 1)
      })
      late = alone + stuck.size
      // A phone that sleeps beside a PC that answers is nobody's trouble.
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
        // Those cut have no connection, those late have one: nobody is both.
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

    takeSeen: () => presence.takeSeen(),
  }
}
