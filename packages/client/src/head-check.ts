import type { DownFrameOf, UpFrame } from '@bongsu/protocol'
import type { Refreshes } from './refreshes.ts'
import { totalOf } from './replica.ts'
import type { ReplicaState } from './state.ts'

/** Compares where this device stands with what the server says, and asks for what is missing [D6]. */
export interface HeadCheck {
  caughtUp(frame: DownFrameOf<'caught-up'>): void
  beat(frame: DownFrameOf<'beat'>): void
  /** The heads have come, or were refused: they may be asked for again. */
  answered(): void
  disconnected(): void
}

export function createHeadCheck(options: {
  readonly state: () => ReplicaState
  readonly refreshes: Pick<Refreshes, 'ask' | 'beat'>
  readonly send: (frame: UpFrame) => boolean
  /** The server has told its total: it sends everything it has. */
  readonly told: () => void
  /** This device has everything that the server has. */
  readonly equal: () => void
}): HeadCheck {
  const { state, refreshes } = options
  let askedHeads = false

  /** Resets that were asked for and have not come, or could not be asked for then: the cursors do not tell the server of them. */
  function askForInexact(): void {
    for (const { conversationId, inexact } of state().rooms.values()) if (inexact) refreshes.ask(conversationId)
  }

  function compare({ account, total }: DownFrameOf<'beat' | 'caught-up'>): void {
    if (total === null) return
    options.told()
    if (askedHeads) return
    if (account === state().account && total === totalOf(state())) return options.equal()
    askedHeads = options.send({ t: 'ask-heads' }) // [seam: ask-heads]
  }

  return {
    caughtUp(frame) {
      askForInexact()
      compare(frame)
    },
    beat(frame) {
      // An answer that has not come within a heartbeat will not come: ask again.
      askedHeads = false
      refreshes.beat()
      askForInexact()
      compare(frame)
    },
    answered() {
      askedHeads = false
    },
    disconnected() {
      askedHeads = false
    },
  }
}
