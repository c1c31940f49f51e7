import type { SignInTrouble } from '@bongsu/client'
import type { AccountId, DeviceId } from '@bongsu/protocol'

/** Who is signed in on this device. */
export interface Session {
  readonly token: string
  readonly deviceId: DeviceId
  readonly accountId: AccountId
}

/** What is known at the door: which device this was, and how signing in went so far [F4, F5]. */
export interface AtDoor {
  readonly deviceId: DeviceId | null
  readonly trouble: SignInTrouble
}
