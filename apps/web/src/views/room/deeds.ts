import type { ClientMessageId } from '@bongsu/protocol'
import type { ActName } from '../../kinds/look.ts'
import type { MessageRow } from './rows.ts'
import type { Place, Target } from './target.ts'

/** The room's functions for its messages. One object as long as the room is open, so that messages need not be drawn again. */
export interface Deeds {
  readonly show: (id: ClientMessageId, full: boolean) => void
  readonly retry: (row: MessageRow) => void
  readonly discard: (row: MessageRow) => void
  /** Adds this emoji, or removes it. */
  readonly react: (target: Target, emoji: string) => void
  /** Shows who reacted, starting with this emoji. */
  readonly reactors: (target: Target, emoji: string) => void
  readonly act: (name: ActName, target: Target, place: Place) => void
  readonly menu: (target: Target, place: Place) => void
  /** Selects or deselects a message while several are being selected. */
  readonly pick: (target: Target) => void
  /** Shows the message that another one answers. */
  readonly jump: (seq: number) => void
}
