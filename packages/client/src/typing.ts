import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { Clock } from './ports.ts'

/** How long a typing signal is shown. */
export const typingShownMs = 5_000
/** Least time between two own typing signals. */
export const typingToldMs = 3_000
/** Most typists remembered in one conversation. */
export const writersMax = 20

export type Writers = ReadonlyMap<ConversationId, readonly AccountId[]>

/** Who is typing now. Each name disappears by itself. */
export interface Typing {
  readonly writers: () => Writers
  saw(conversationId: ConversationId, accountId: AccountId): void
  /** An entry of theirs has arrived, so they have finished typing. */
  wrote(conversationId: ConversationId, accountId: AccountId): void
  /** True when a typing signal may be sent again. */
  mayTell(conversationId: ConversationId): boolean
  clear(): void
}

export function createTyping(clock: Clock, changed: () => void): Typing {
  const cancels = new Map<ConversationId, Map<AccountId, () => void>>()
  let told: ConversationId | null = null
  let cancelTold = (): void => undefined
  let writers: Writers = new Map()

  function show(): void {
    writers = new Map([...cancels].map(([conversationId, names]) => [conversationId, [...names.keys()]]))
    changed()
  }

  function leave(conversationId: ConversationId, accountId: AccountId): void {
    const names = cancels.get(conversationId)
    const cancel = names?.get(accountId)
    if (names === undefined || cancel === undefined) return
    cancel()
    names.delete(accountId)
    if (names.size === 0) cancels.delete(conversationId)
    show()
  }

  return {
    writers: () => writers,
    saw(conversationId, accountId) {
      const names = cancels.get(conversationId) ?? new Map<AccountId, () => void>()
      const again = names.get(accountId)
      if (again === undefined && names.size >= writersMax) return
      again?.()
      names.set(
        accountId,
        clock.after(typingShownMs, () => leave(conversationId, accountId)),
      )
      cancels.set(conversationId, names)
      if (again === undefined) show()
    },
    wrote: leave,
    mayTell(conversationId) {
      if (told === conversationId) return false
      cancelTold()
      told = conversationId
      cancelTold = clock.after(typingToldMs, () => {
        told = null
      })
      return true
    },
    clear() {
      cancelTold()
      told = null
      for (const names of cancels.values()) for (const cancel of names.values()) cancel()
      if (cancels.size === 0) return
      cancels.clear()
      show()
    },
  }
}
