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
  /** Null while the file of the subscribers cannot be opened. The rest of the page works all the same. */
  readonly webhooks: WebhookAdminParts | null
  readonly health: () => NotifierHealth | null
  /** Where our own HTTP server is reached, without a slash at the end. By it is known whether the way is encrypted. */
  readonly serviceUrl: string
  /** Where a request came from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string
}
