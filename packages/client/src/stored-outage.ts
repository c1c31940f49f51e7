import type { Outage } from '@bongsu/protocol'

/** Something that this device could not do, kept until the server has taken it [F4]. It says nothing of what it was about. */
export interface StoredOutage {
  readonly id: string
  readonly part: Outage['part']
  /** Clock of this device, epoch ms. */
  readonly endedAt: number
  readonly lastedMs: number
  /** Messages that waited in the outbox, at most. */
  readonly unsent: number
}
