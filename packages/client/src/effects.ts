import type { ConversationId } from '@bongsu/protocol'
import { DEVICE_BOUNDS } from './bounds.ts'
import type { Effect } from './effect.ts'
import type { PeopleLookup } from './people-lookup.ts'
import type { Clock } from './ports.ts'
import type { Refreshes } from './refreshes.ts'

/** Performs the effects of a change of the replica. */
export interface Effects {
  perform(effect: Effect): void
  disconnected(): void
}

export function createEffects(options: {
  readonly clock: Clock
  readonly refreshes: Pick<Refreshes, 'ask'>
  readonly people: Pick<PeopleLookup, 'want'>
  /** Present cursor in the account log. */
  readonly account: () => number
  readonly resume: () => void
  readonly dropped: (conversationId: ConversationId) => void
}): Effects {
  let cancelExpect: (() => void) | null = null

  return {
    perform(effect) {
      switch (effect.do) {
        case 'refresh':
          return options.refreshes.ask(effect.conversationId)
        case 'resume':
          return options.resume()
        case 'learn':
          return options.people.want(effect.accountIds)
        case 'expect':
          cancelExpect?.()
          cancelExpect = options.clock.after(DEVICE_BOUNDS.expectMs, () => {
            if (options.account() < effect.account) options.resume()
          })
          return
        case 'drop':
          return options.dropped(effect.conversationId)
        case 'store':
        case 'mark':
          // Done by persist, in one commit with the state [D4].
          return
      }
    },
    disconnected() {
      cancelExpect?.()
      cancelExpect = null
    },
  }
}
