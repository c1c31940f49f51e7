import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openToWrite } from '../record/connection.ts'
import { migrate, type Migration } from '../record/migrations.ts'
import { markFile } from './atomic-store.ts'
import { createDeliveryStore, type DeliveryStore } from './delivery-store.ts'
import { createSubscriberStore, type SubscriberStore } from './subscriber-store.ts'
import { createWebhookStore, type WebhookStore } from './webhook-store.ts'

/** Marks the file as a subscriber file of Bongsu: 'bngn' in ASCII. */
const applicationId = 0x626e676e

/** The subscribers, and what they were told. Every call is durable when it returns, and throws when the disk is full or the file is gone. */
export interface NotifyStore {
  readonly subscribers: SubscriberStore
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  /** Removes all traces of deleted data: old pages in the write-ahead log are gone when it returns. */
  scrub(): void
  close(): void
}

/** Opens or creates the file. Several programs may have it open, but only one of them may run a notifier. */
export function openNotifyStore(file: string, now: number): NotifyStore {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = openToWrite(file)
  try {
    chmodSync(file, 0o600)
    markFile(db, applicationId)
    // A deleted address must not stay readable in the file.
    db.exec('PRAGMA secure_delete = ON')
    migrate(db, migrations(), now)
  } catch (error) {
    db.close()
    throw error
  }
  return {
    subscribers: createSubscriberStore(db),
    webhooks: createWebhookStore(db),
    deliveries: createDeliveryStore(db),
    scrub: () => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

function migrations(): readonly Migration[] {
  const sql = readFileSync(new URL('./migrations/0001-subscribers.sql', import.meta.url), 'utf8')
  return [{ number: 1, name: 'subscribers', sql }]
}
