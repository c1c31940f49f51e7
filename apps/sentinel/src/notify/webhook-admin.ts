import type { NotifyStore } from './open-store.ts'
import type { SubscriberKeys } from './subscriber-keys.ts'
import type { Webhook } from './webhook-store.ts'
import { readWebhookUrl, type TargetFault } from './webhook-target.ts'

export interface WebhookAdminParts {
  readonly store: Pick<NotifyStore, 'webhooks'>
  readonly keys: SubscriberKeys
  readonly allowPrivate: boolean
}

export type Added = { readonly webhook: Webhook; readonly secret: string } | { readonly fault: TargetFault | 'no-room' | 'known' }

/**
 * Only the operator adds webhooks: if strangers could name addresses for us to call, they could misuse us. The secret is shown here once and stored
 * nowhere.
 */
export function addWebhook({ store, keys, allowPrivate }: WebhookAdminParts, typed: string, by: string, now: number): Added {
  const read = readWebhookUrl(typed, allowPrivate)
  if ('fault' in read) return read
  const webhook = store.webhooks.add(read.url, by, now)
  if (webhook !== null) return { webhook, secret: keys.webhookSecret(webhook.id) }
  return { fault: store.webhooks.list().some(({ url }) => url === read.url) ? 'known' : 'no-room' }
}
