import type { SignInTrouble } from '@bongsu/client'
import type { AccountId, DeviceId } from '@bongsu/protocol'

/** The account signed in on this device. */
export interface Session {
  readonly token: string
  readonly deviceId: DeviceId
  readonly accountId: AccountId
}

/** What is known before signing in: the earlier device, and failed sign-ins so far [F4, F5]. */
export interface AtDoor {
  readonly deviceId: DeviceId | null
  readonly trouble: SignInTrouble
}
