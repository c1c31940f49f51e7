import type { AccountId, DownFrame, LimitName, RefusalCode, UpFrame } from '@bongsu/protocol'
import type { DeviceStream } from '../delivery/stream.ts'
import type { AccountPace } from './account-paces.ts'

/** The parts of a connection that a frame's handler may use. */
export interface Session {
  readonly accountId: AccountId | null
  /** Whether the figures count the device [F3]. */
  readonly counted: boolean
  readonly accountPace: AccountPace | null
  send(frame: DownFrame): void
  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number, limit?: LimitName): void
  /** @returns false when too many sends of this connection already wait for the store. Call `sendDone` for each accepted one. */
  sendBegins(): boolean
  sendDone(): void
}

/** Every frame but `hello`, which opens a connection and is not a request of a session. */
export type RequestFrame = Exclude<UpFrame, { t: 'hello' }>

/** Passes a frame to its handler. */
export type Dispatch = (session: Session, stream: DeviceStream, frame: RequestFrame) => void
