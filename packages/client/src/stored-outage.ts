import type { Outage } from '@bongsu/protocol'

/** A failure this device experienced, kept until the server has accepted it [F4]. It contains nothing about its purpose. */
export interface StoredOutage {
  readonly id: string
  readonly part: Outage['part']
  /** Clock of this device, epoch ms. */
  readonly endedAt: number
  readonly lastedMs: number
  /** Messages that waited in the outbox, at most. */
  readonly unsent: number
}
