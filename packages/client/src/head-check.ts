import type { DownFrameOf, UpFrame } from '@bongsu/protocol'
import type { Refreshes } from './refreshes.ts'
import { totalOf } from './replica.ts'
import type { ReplicaState } from './state.ts'

/** Compares the device's cursors with the server's totals, and asks for what is missing [D6]. */
export interface HeadCheck {
  caughtUp(frame: DownFrameOf<'caught-up'>): void
  beat(frame: DownFrameOf<'beat'>): void
  /** The heads have arrived or were refused. They may be asked for again. */
  answered(): void
  disconnected(): void
}

export function createHeadCheck(options: {
  readonly state: () => ReplicaState
  readonly refreshes: Pick<Refreshes, 'ask' | 'beat'>
  readonly send: (frame: UpFrame) => boolean
  /** The server has sent its total, and thereby everything it has. */
  readonly told: () => void
  /** This device has everything the server has. */
  readonly equal: () => void
}): HeadCheck {
  const { state, refreshes } = options
  let askedHeads = false

  /** Resets that were requested and have not arrived, or could not be requested: the cursors do not tell the server about them. */
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
      // An answer that has not arrived within a heartbeat is lost: ask again.
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
