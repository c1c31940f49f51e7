import { socketUrl } from '@bongsu/client'
import type { Clock } from '../clock.ts'
import type { Outcome } from '../vocabulary/observation.ts'
import { createCanarySocket } from './canary-socket.ts'

/** Limit for a new connection, as for a message to be accepted. */
export const connectWithinMs = 3_000

/** Opens one new connection, as a device does first, and closes it before anybody says hello: the lightest try. */
export function tryConnect(
  clock: Pick<Clock, 'after'>,
  serverUrl: string,
  userAgent: string,
): Promise<Extract<Outcome, 'ok' | 'unreachable' | 'unaccepted'>> {
  return new Promise((resolve) => {
    let cancel = (): void => undefined
    const end = (outcome: 'ok' | 'unreachable' | 'unaccepted'): void => {
      cancel()
      socket.close(1_000)
      resolve(outcome)
    }
    const socket = createCanarySocket(
      socketUrl(serverUrl),
      userAgent,
    )({
      opened: () => end('ok'),
      message: () => undefined,
      closed: () => end('unreachable'),
    })
    // What does not come in time may come late.
    cancel = clock.after(connectWithinMs, () => end('unaccepted'))
  })
}
