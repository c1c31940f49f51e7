import type { DatabaseSync } from 'node:sqlite'
import { atomically } from './atomic-store.ts'
import { dueAt, isClosing, PLAN_BOUNDS, subjectOf } from './plan.ts'
import type { StoredNotice } from './notice.ts'

export const DELIVERY_BOUNDS = {
  /** Most waiting deliveries of one webhook. Beyond it the oldest are dropped. */
  perWebhookMax: 200,
  /** How long finished deliveries and their notices are kept. Must be longer than notices can be stale. */
  keepMs: 30 * 86_400_000,
} as const

export type Channel = 'mail' | 'webhook'

/** One notice, or part of one, for one subscriber or webhook. */
export interface Delivery {
  readonly id: number
  readonly target: number
  readonly noticeKey: string
  readonly part: string
  readonly subject: string
  readonly tries: number
  readonly folds: number
  readonly plannedAt: number
}

export interface DeliveryCounts {
  readonly waiting: number
  /** Counts of the last 24 hours. */
  readonly told: number
  readonly failed: number
  readonly unknown: number
}

const noteCharsMax = 300

/**
 * All deliveries. A delivery goes from waiting to sending (claimed) and ends as told, failed, folded (a later one includes it), or unknown (nobody
 * can say whether it arrived).
 */
export function createDeliveryStore(db: DatabaseSync) {
  const sql = db.createTagStore()
  const plan = preparePlan(db)
  /** A delivery that seems to wait longer than any does was planned before the clock was set back, and is due. */
  const latest = (now: number): number => now + PLAN_BOUNDS.delayMsMax

  return {
    /** Stores notices, and one delivery for each recipient. Known notices are ignored. @returns how many are new. */
    plan: (notices: readonly StoredNotice[], now: number): number => atomically(db, () => notices.filter((each) => plan(each, now)).length),
    /** Recipients with something due, longest waiting first; as many as own the first `limit` deliveries. */
    due(channel: Channel, now: number, limit: number): readonly number[] {
      const rows = sql.all`SELECT target FROM deliveries
        WHERE channel = ${channel} AND state = 'waiting' AND (due_at <= ${now} OR due_at > ${latest(now)}) ORDER BY due_at LIMIT ${limit}`
      return [...new Set(rows.map((row) => row['target'] as number))]
    },
    /** Due deliveries of one recipient, in the order of planning. */
    waiting: (channel: Channel, target: number, now: number, limit: number) =>
      sql.all`SELECT id, target, notice_key AS noticeKey, part, subject, tries, folds, planned_at AS plannedAt FROM deliveries
        WHERE channel = ${channel} AND target = ${target} AND state = 'waiting' AND (due_at <= ${now} OR due_at > ${latest(now)})
        ORDER BY id LIMIT ${limit}` as unknown as readonly Delivery[],
    notice(key: string): StoredNotice | null {
      const row = sql.get`SELECT notice FROM notices WHERE key = ${key}` as { notice: string } | undefined
      return row === undefined ? null : (JSON.parse(row.notice) as StoredNotice)
    },
    /** Mails about this subject that were, or may have been, sent to this person. */
    toldBefore: (target: number, subject: string): number =>
      (
        sql.get`SELECT count(*) AS count FROM deliveries
          WHERE channel = 'mail' AND target = ${target} AND subject = ${subject} AND state IN ('told', 'sending', 'unknown')` as { count: number }
      ).count,
    /**
     * Claims all of them or none: false when one does not wait any more.
     * @param spent of a mail: until when the person's allowance counts as spent.
     */
    claim: (ids: readonly number[], now: number, spent?: { readonly target: number; readonly until: number }): boolean =>
      atomically(db, () => {
        const list = JSON.stringify(ids)
        const { count } = sql.get`SELECT count(*) AS count FROM deliveries
          WHERE state = 'waiting' AND id IN (SELECT value FROM json_each(${list}))` as { count: number }
        if (count < ids.length) return false
        sql.run`UPDATE deliveries SET state = 'sending', ended_at = ${now} WHERE id IN (SELECT value FROM json_each(${list}))`
        if (spent !== undefined) sql.run`UPDATE subscribers SET spent_until = ${spent.until} WHERE id = ${spent.target}`
        return true
      }),
    ended(ids: readonly number[], state: 'told' | 'failed' | 'unknown', note: string | null, now: number): void {
      sql.run`UPDATE deliveries SET state = ${state}, note = ${note?.slice(0, noteCharsMax) ?? null}, ended_at = ${now}, tries = tries + 1
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
    },
    /** Returns deliveries to waiting. Deliveries folded meanwhile stay folded. @param tried whether this counts as a try. */
    putOff(ids: readonly number[], at: number, tried: boolean, note: string | null): void {
      sql.run`UPDATE deliveries SET state = 'waiting', ended_at = NULL, due_at = ${at}, tries = tries + ${tried ? 1 : 0},
          note = ${note?.slice(0, noteCharsMax) ?? null}
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND state IN ('waiting', 'sending')`
    },
    /**
     * For the start of a process that may have been killed while sending. A mail may have arrived and is not sent again: nobody is told twice. A
     * webhook is sent again: receivers recognise repeats by its id.
     */
    recover: (now: number): void =>
      atomically(db, () => {
        sql.run`UPDATE deliveries SET state = 'unknown', note = 'ended while it was sent', ended_at = ${now}
          WHERE channel = 'mail' AND state = 'sending'`
        sql.run`UPDATE deliveries SET state = 'waiting', ended_at = NULL, due_at = ${now} WHERE channel = 'webhook' AND state = 'sending'`
      }),
    /** Ends deliveries that waited too long and those of switched-off webhooks. Deletes old ones. */
    tidy: (now: number): void =>
      atomically(db, () => {
        const old = now - DELIVERY_BOUNDS.keepMs
        sql.run`UPDATE deliveries SET state = 'failed', note = 'too old', ended_at = ${now}
          WHERE state = 'waiting' AND planned_at < ${now - PLAN_BOUNDS.staleMs}`
        sql.run`UPDATE deliveries SET state = 'failed', note = 'the webhook is switched off', ended_at = ${now}
          WHERE state = 'waiting' AND channel = 'webhook' AND target IN (SELECT id FROM webhooks WHERE disabled_at IS NOT NULL)`
        sql.run`DELETE FROM deliveries WHERE ended_at < ${old} AND state NOT IN ('waiting', 'sending')`
        sql.run`DELETE FROM notices WHERE stored_at < ${old} AND at < ${old}`
      }),
    counts(now: number): DeliveryCounts {
      const since = now - 86_400_000
      const rows = sql.all`SELECT CASE WHEN ended_at IS NULL OR state = 'sending' THEN 'waiting' ELSE state END AS name, count(*) AS count
        FROM deliveries WHERE ended_at > ${since} OR ended_at IS NULL GROUP BY name`
      const counts = Object.fromEntries(rows.map(({ name, count }) => [name, count as number])) as Partial<DeliveryCounts>
      const { waiting = 0, told = 0, failed = 0, unknown = 0 } = counts
      return { waiting, told, failed, unknown }
    },
  }
}

/** @returns a function that plans one notice and says whether it was new. Runs inside a transaction. */
function preparePlan(db: DatabaseSync): (stored: StoredNotice, now: number) => boolean {
  const sql = db.createTagStore()

  function planMail(key: string, subject: string, closing: boolean, at: number, now: number): void {
    const told = new Map(
      (
        sql.all`SELECT target, max(ended_at) AS at, max(CASE WHEN closing = 1 THEN ended_at END) AS closingAt FROM deliveries
          WHERE subject = ${subject} AND channel = 'mail' AND state IN ('told', 'sending', 'unknown') GROUP BY target` as unknown as readonly {
          target: number
          at: number
          closingAt: number | null
        }[]
      ).map((row) => [row.target, row]),
    )
    const replaced = sql.all`SELECT target, sum(folds + 1) AS folds FROM deliveries
      WHERE subject = ${subject} AND channel = 'mail' AND state = 'waiting' GROUP BY target`
    const folds = new Map(replaced.map((row) => [row['target'], row['folds'] as number]))
    sql.run`UPDATE deliveries SET state = 'folded', ended_at = ${now} WHERE subject = ${subject} AND channel = 'mail' AND state = 'waiting'`
    for (const { id } of sql.all`SELECT id FROM subscribers WHERE confirmed_at <= ${at}` as unknown as readonly { id: number }[]) {
      const due = dueAt(closing, told.get(id) ?? { at: null, closingAt: null }, now)
      sql.run`INSERT INTO deliveries (channel, target, notice_key, subject, state, closing, planned_at, due_at, folds)
        VALUES ('mail', ${id}, ${key}, ${subject}, 'waiting', ${closing ? 1 : 0}, ${now}, ${due}, ${folds.get(id) ?? 0})`
    }
  }

  function planWebhooks(key: string, subject: string, parts: readonly string[], at: number, now: number): void {
    const webhooks = sql.all`SELECT id FROM webhooks WHERE disabled_at IS NULL AND added_at <= ${at}` as unknown as readonly { id: number }[]
    for (const { id } of webhooks) {
      for (const part of parts) {
        // Failed deliveries hold older news about the same thing: only the newer one is sent, so that none overtakes another.
        sql.run`UPDATE deliveries SET state = 'folded', ended_at = ${now}
          WHERE subject = ${subject} AND channel = 'webhook' AND target = ${id} AND part = ${part} AND state = 'waiting' AND tries > 0`
        sql.run`INSERT INTO deliveries (channel, target, notice_key, part, subject, state, planned_at, due_at)
          VALUES ('webhook', ${id}, ${key}, ${part}, ${subject}, 'waiting', ${now}, ${now})`
      }
      sql.run`UPDATE deliveries SET state = 'failed', note = 'too many waited', ended_at = ${now} WHERE id IN (SELECT id FROM deliveries
        WHERE channel = 'webhook' AND target = ${id} AND state = 'waiting' ORDER BY id DESC LIMIT -1 OFFSET ${DELIVERY_BOUNDS.perWebhookMax})`
    }
  }

  return (stored, now) => {
    const { notice, changes } = stored
    const subject = subjectOf(notice)
    const { at } = notice.update
    const { changes: added } = sql.run`INSERT INTO notices (key, subject, at, stored_at, notice)
      VALUES (${notice.key}, ${subject}, ${at}, ${now}, ${JSON.stringify(stored)}) ON CONFLICT (key) DO NOTHING`
    if (added === 0) return false
    if (!notice.update.notify || now - at > PLAN_BOUNDS.staleMs) return true
    planMail(notice.key, subject, isClosing(notice), at, now)
    planWebhooks(notice.key, subject, ['', ...changes.map(({ component }) => component)], at, now)
    return true
  }
}
