import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import type { NotifierHealth } from '../notify/notifier.ts'
import type { WebhookAdminParts } from '../notify/webhook-target.ts'
import type { ActDesk } from '../acts/desk.ts'
import type { Snapshot } from '../present/snapshot.ts'
import type { OperatorStore } from './operator-store.ts'
import type { Passwords } from './passwords.ts'

export interface OperatorParts {
  readonly desk: ActDesk
  /** The last published snapshot: conditions of the components, name, time zone, contact. */
  readonly snapshot: () => Snapshot
  readonly store: OperatorStore
  readonly passwords: Passwords
  readonly clock: Clock
  readonly webhooks: WebhookAdminParts
  readonly health: () => NotifierHealth
  /** Address of our own HTTP server, without a trailing slash. Its scheme says whether the connection is encrypted. */
  readonly serviceUrl: string
  /** The address a request came from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string
}
