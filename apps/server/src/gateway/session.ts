import type { AccountId, DownFrame, RefusalCode, UpFrame } from '@bongsu/protocol'
import type { DeviceStream } from '../delivery/stream.ts'

/** What the handler of a frame may do with the connection that the frame came by. */
export interface Session {
  readonly accountId: AccountId | null
  /** Whether the figures count what the device does [F3]. */
  readonly counted: boolean
  send(frame: DownFrame): void
  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number): void
  /** @returns false when too many requests of this connection wait for the store already. Call `sendDone` for each one that was let through. */
  sendBegins(): boolean
  sendDone(): void
}

/** Every frame but `hello`, which opens a connection and is no request of a session. */
export type RequestFrame = Exclude<UpFrame, { t: 'hello' }>

/** Sends a frame to its handler. */
export type Dispatch = (session: Session, stream: DeviceStream, frame: RequestFrame) => void
