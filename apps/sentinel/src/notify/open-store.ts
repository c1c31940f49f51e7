import { openStoreFile } from './atomic-store.ts'
import { createDeliveryStore } from './delivery-store.ts'
import { createSubscriberStore } from './subscriber-store.ts'
import { createWebhookStore } from './webhook-store.ts'

/** Marks the file as a subscriber file of Bongsu: 'bngn' in ASCII. */
const applicationId = 0x626e676e

/** The subscribers, and what they were told. Every call is durable when it returns, and throws when the disk is full or the file is gone. */
export type NotifyStore = ReturnType<typeof openNotifyStore>

/** Opens or creates the file. Several programs may have it open, but only one of them may run a notifier. */
export function openNotifyStore(file: string, now: number) {
  const sql = new URL('./migrations/0001-subscribers.sql', import.meta.url)
  const db = openStoreFile(file, { applicationId, name: 'subscribers', sql }, now)
  return {
    subscribers: createSubscriberStore(db),
    webhooks: createWebhookStore(db),
    deliveries: createDeliveryStore(db),
    /** Removes all traces of deleted data: old pages in the write-ahead log are gone when it returns. */
    scrub: (): void => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: (): void => {
      if (db.isOpen) db.close()
    },
  }
}
