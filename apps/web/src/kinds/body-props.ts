import type { ReactNode } from 'react'
import type { Mention } from '@bongsu/protocol'

export interface BodyProps<Body> {
  readonly body: Body
  /** A long body is shown in full. */
  readonly full: boolean
  readonly onShow: (full: boolean) => void
  /** Whether the mention is of the reader, or of everybody. */
  readonly isMe: (who: Mention['who']) => boolean
  /** The quote of the answered message, above the message's own content. */
  readonly quote: ReactNode
}
