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

export function createWebhookStore(db: DatabaseSync) {
  const sql = db.createTagStore()
  const list = (): readonly Webhook[] =>
    sql.all`SELECT id, url, added_at AS addedAt, added_by AS addedBy, told_at AS toldAt, failing_since AS failingSince,
      disabled_at AS disabledAt, note FROM webhooks ORDER BY id` as unknown as readonly Webhook[]
  return {
    /** @returns null when the list is full or already contains this webhook. */
    add(url: string, by: string, now: number): Webhook | null {
      const { changes } = sql.run`INSERT INTO webhooks (url, added_at, added_by)
        SELECT ${url}, ${now}, ${by} WHERE (SELECT count(*) FROM webhooks) < ${WEBHOOK_BOUNDS.webhooksMax} ON CONFLICT (url) DO NOTHING`
      return changes === 0 ? null : (list().at(-1) ?? null)
    },
    remove: (id: number): boolean => sql.run`DELETE FROM webhooks WHERE id = ${id}`.changes > 0,
    /** Switches a webhook on again and clears its failures. */
    enable: (id: number): boolean => sql.run`UPDATE webhooks SET disabled_at = NULL, failing_since = NULL, note = NULL WHERE id = ${id}`.changes > 0,
    find: (id: number): Webhook | null => list().find((each) => each.id === id) ?? null,
    list,
    reached: (id: number, now: number): void =>
      void sql.run`UPDATE webhooks SET told_at = ${now}, failing_since = NULL, note = NULL WHERE id = ${id}`,
    /** Counts a failed try. @param last the last try of a delivery. @returns true when the failure switched the webhook off. */
    failed(id: number, note: string, last: boolean, now: number): boolean {
      const { failingMs, noteCharsMax } = WEBHOOK_BOUNDS
      const row = sql.get`UPDATE webhooks SET note = ${note.slice(0, noteCharsMax)}, failing_since = min(coalesce(failing_since, ${now}), ${now}),
          disabled_at = CASE WHEN ${last ? 1 : 0} AND ${now} - coalesce(failing_since, ${now}) >= ${failingMs} THEN ${now} END
        WHERE id = ${id} AND disabled_at IS NULL RETURNING disabled_at`
      return row !== undefined && row['disabled_at'] !== null
    },
  }
}
