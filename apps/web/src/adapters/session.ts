import type { SignInTrouble } from '@bongsu/client'
import type { AccountId, DeviceId } from '@bongsu/protocol'

/** The account signed in on this device. */
export interface Session {
  readonly token: string
  readonly deviceId: DeviceId
  readonly accountId: AccountId
}

/** A text of a revoked device that was not sent [C10]. */
export interface LeftText {
  readonly key: string
  /** Name of the room; null when it has none. */
  readonly title: string | null
  readonly text: string
  /** A draft is not sent by signing in. */
  readonly isDraft: boolean
}

/** What a revoked device still knows besides its outbox and drafts: the names of their rooms. */
export interface Left {
  readonly titles: ReadonlyMap<string, string>
}

/** What is known before signing in: the earlier device, and failed sign-ins so far [F4, F5]. */
export interface AtDoor {
  readonly deviceId: DeviceId | null
  readonly trouble: SignInTrouble
}
