import type { DatabaseSync } from 'node:sqlite'

export const WEBHOOK_BOUNDS = {
  webhooksMax: 100,
  /** A webhook that has failed for this long is switched off. */
  failingMs: 3 * 86_400_000,
  noteCharsMax: 300,
} as const

export interface Webhook {
  readonly id: number
  readonly url: string
  readonly addedAt: number
  readonly addedBy: string
  readonly toldAt: number | null
  readonly failingSince: number | null
  readonly disabledAt: number | null
  readonly note: string | null
}

export interface WebhookStore {
  /** @returns null when the list is full or already contains this webhook. */
  add(url: string, by: string, now: number): Webhook | null
  remove(id: number): boolean
  /** Switches a webhook on again and clears its failures. */
  enable(id: number): boolean
  find(id: number): Webhook | null
  list(): readonly Webhook[]
  reached(id: number, now: number): void
  /** Counts a failed try. @param last the last try of a delivery. @returns true when the failure switched the webhook off. */
  failed(id: number, note: string, last: boolean, now: number): boolean
}

const COLUMNS = 'id, url, added_at AS addedAt, added_by AS addedBy, told_at AS toldAt, failing_since AS failingSince, disabled_at AS disabledAt, note'

export function createWebhookStore(db: DatabaseSync): WebhookStore {
  const insert = db.prepare(
    `INSERT INTO webhooks (url, added_at, added_by) SELECT ?, ?, ? WHERE (SELECT count(*) FROM webhooks) < ${WEBHOOK_BOUNDS.webhooksMax}
     ON CONFLICT (url) DO NOTHING RETURNING ${COLUMNS}`,
  )
  const remove = db.prepare('DELETE FROM webhooks WHERE id = ?')
  const enable = db.prepare('UPDATE webhooks SET disabled_at = NULL, failing_since = NULL, note = NULL WHERE id = ?')
  const find = db.prepare(`SELECT ${COLUMNS} FROM webhooks WHERE id = ?`)
  const list = db.prepare(`SELECT ${COLUMNS} FROM webhooks ORDER BY id`)
  const reach = db.prepare('UPDATE webhooks SET told_at = ?, failing_since = NULL, note = NULL WHERE id = ?')
  const fail = db.prepare(
    `UPDATE webhooks SET note = ?1, failing_since = min(coalesce(failing_since, ?2), ?2),
       disabled_at = CASE WHEN ?4 AND ?2 - coalesce(failing_since, ?2) >= ${WEBHOOK_BOUNDS.failingMs} THEN ?2 END
     WHERE id = ?3 AND disabled_at IS NULL RETURNING disabled_at`,
  )
  return {
    add: (url, by, now) => (insert.get(url, now, by) as unknown as Webhook | undefined) ?? null,
    remove: (id) => remove.run(id).changes > 0,
    enable: (id) => enable.run(id).changes > 0,
    find: (id) => (find.get(id) as unknown as Webhook | undefined) ?? null,
    list: () => list.all() as unknown as readonly Webhook[],
    reached: (id, now) => void reach.run(now, id),
    failed(id, note, last, now) {
      const row = fail.get(note.slice(0, WEBHOOK_BOUNDS.noteCharsMax), now, id, last ? 1 : 0) as { disabled_at: number | null } | undefined
      return row !== undefined && row.disabled_at !== null
    },
  }
}
