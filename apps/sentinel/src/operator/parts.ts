import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import type { NotifierHealth } from '../notify/notifier.ts'
import type { WebhookAdminParts } from '../notify/webhook-admin.ts'
import type { OperatorDesk } from './operator-desk.ts'
import type { OperatorStore } from './operator-store.ts'
import type { Passwords } from './passwords.ts'

export interface OperatorParts {
  readonly desk: OperatorDesk
  readonly store: OperatorStore
  readonly passwords: Passwords
  readonly clock: Clock
  /** Null while the subscriber file cannot be opened. The rest of the page works all the same. */
  readonly webhooks: WebhookAdminParts | null
  readonly health: () => NotifierHealth | null
  /** Address of our own HTTP server, without a trailing slash. Its scheme says whether the connection is encrypted. */
  readonly serviceUrl: string
  /** The address a request came from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string
}
