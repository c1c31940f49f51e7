import type { ClientMessageId } from '@bongsu/protocol'
import type { ActName } from '../../kinds/look.ts'
import type { MessageRow } from './rows.ts'
import type { Place, Target } from './target.ts'

/** What a message asks of its room. One object for as long as the room is open, so that messages need not be drawn anew for it. */
export interface Deeds {
  readonly show: (id: ClientMessageId, full: boolean) => void
  readonly retry: (row: MessageRow) => void
  readonly discard: (row: MessageRow) => void
  /** Gives this emoji, or takes it back where it was given. */
  readonly react: (target: Target, emoji: string) => void
  /** Shows who reacted; with this emoji first. */
  readonly reactors: (target: Target, emoji: string) => void
  readonly act: (name: ActName, target: Target, place: Place) => void
  readonly menu: (target: Target, place: Place) => void
  /** Chooses a message while several are being selected, or takes it out again. */
  readonly pick: (target: Target) => void
  /** Shows the message that another one answers. */
  readonly jump: (seq: number) => void
}
