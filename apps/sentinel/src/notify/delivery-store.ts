import type { DatabaseSync } from 'node:sqlite'
import { atomically } from './atomic-store.ts'
import { dueAt, isClosing, PLAN_BOUNDS, subjectOf } from './plan.ts'
import type { StoredNotice } from './stored-notice.ts'

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

/**
 * All deliveries. A delivery goes from waiting to sending (claimed) and ends as told, failed, folded (a later one includes it), or unknown (nobody
 * can say whether it arrived).
 */
export interface DeliveryStore {
  /** Stores notices, and one delivery for each recipient. Known notices are ignored. @returns how many are new. */
  plan(notices: readonly StoredNotice[], now: number): number
  /** Recipients with something due, longest waiting first; as many as own the first `limit` deliveries. */
  due(channel: Channel, now: number, limit: number): readonly number[]
  /** Due deliveries of one recipient, in the order of planning. */
  waiting(channel: Channel, target: number, now: number, limit: number): readonly Delivery[]
  notice(key: string): StoredNotice | null
  /** Mails about this subject that were, or may have been, sent to this person. */
  toldBefore(target: number, subject: string): number
  /** Claims all of them or none: false when one does not wait any more. */
  claim(ids: readonly number[], now: number): boolean
  /** As `claim`, and sets the person's allowance as spent until then. */
  claimMail(ids: readonly number[], target: number, spentUntil: number, now: number): boolean
  told(ids: readonly number[], messageId: string | null, now: number): void
  ended(ids: readonly number[], state: 'failed' | 'unknown', note: string, now: number): void
  /** Returns deliveries to waiting. Deliveries folded meanwhile stay folded. @param tried whether this counts as a try. */
  putOff(ids: readonly number[], dueAt: number, tried: boolean, note: string | null): void
  /**
   * For the start of a process that may have been killed while sending. A mail may have arrived and is not sent again: nobody is told twice. A
   * webhook is sent again: receivers recognise repeats by its id.
   */
  recover(now: number): void
  /** Ends deliveries that waited too long and those of switched-off webhooks. Deletes old ones. */
  tidy(now: number): void
  counts(now: number): DeliveryCounts
}

export interface DeliveryCounts {
  readonly waiting: number
  /** Counts of the last 24 hours. */
  readonly told: number
  readonly failed: number
  readonly unknown: number
}

const COLUMNS = 'id, target, notice_key AS noticeKey, part, subject, tries, folds, planned_at AS plannedAt'
const DUE = "state = 'waiting' AND due_at <= ?2"
/** Planned before the clock was set back, see PLAN_BOUNDS.delayMsMax. */
const STRANDED = `state = 'waiting' AND due_at > ?2 + ${PLAN_BOUNDS.delayMsMax}`
const noteCharsMax = 300

export function createDeliveryStore(db: DatabaseSync): DeliveryStore {
  const plan = preparePlan(db)
  const due = db.prepare(`SELECT target FROM deliveries WHERE channel = ?1 AND ${DUE} ORDER BY due_at LIMIT ?3`)
  const stranded = db.prepare(`SELECT target FROM deliveries WHERE channel = ?1 AND ${STRANDED} ORDER BY due_at LIMIT ?3`)
  const waiting = db.prepare(`SELECT ${COLUMNS} FROM deliveries WHERE channel = ?1 AND (${DUE} OR ${STRANDED}) AND target = ?3 ORDER BY id LIMIT ?4`)
  const notice = db.prepare('SELECT notice FROM notices WHERE key = ?')
  const before = db.prepare(
    "SELECT count(*) AS count FROM deliveries WHERE channel = 'mail' AND target = ? AND subject = ? AND state IN ('told', 'sending', 'unknown')",
  )
  const claim = db.prepare("UPDATE deliveries SET state = 'sending', ended_at = ? WHERE id = ? AND state = 'waiting'")
  const spent = db.prepare('UPDATE subscribers SET spent_until = ? WHERE id = ?')
  const end = db.prepare('UPDATE deliveries SET state = ?, note = ?, message_id = ?, ended_at = ?, tries = tries + 1 WHERE id = ?')
  const putOff = db.prepare(
    "UPDATE deliveries SET state = 'waiting', ended_at = NULL, due_at = ?, tries = tries + ?, note = ? WHERE id = ? AND state IN ('waiting', 'sending')",
  )
  const recoverMail = db.prepare(
    "UPDATE deliveries SET state = 'unknown', note = 'ended while it was sent', ended_at = ? WHERE channel = 'mail' AND state = 'sending'",
  )
  const recoverWebhooks = db.prepare(
    "UPDATE deliveries SET state = 'waiting', ended_at = NULL, due_at = ? WHERE channel = 'webhook' AND state = 'sending'",
  )
  const tooOld = db.prepare("UPDATE deliveries SET state = 'failed', note = 'too old', ended_at = ? WHERE state = 'waiting' AND planned_at < ?")
  const switchedOff = db.prepare(
    `UPDATE deliveries SET state = 'failed', note = 'the webhook is switched off', ended_at = ?
     WHERE state = 'waiting' AND channel = 'webhook' AND target IN (SELECT id FROM webhooks WHERE disabled_at IS NOT NULL)`,
  )
  const forgetDeliveries = db.prepare("DELETE FROM deliveries WHERE ended_at < ? AND state NOT IN ('waiting', 'sending')")
  const forgetNotices = db.prepare('DELETE FROM notices WHERE stored_at < ? AND at < ?')
  const counts = db.prepare(
    `SELECT count(*) FILTER (WHERE state IN ('waiting', 'sending')) AS waiting, count(*) FILTER (WHERE state = 'told' AND ended_at > ?1) AS told,
       count(*) FILTER (WHERE state = 'failed' AND ended_at > ?1) AS failed, count(*) FILTER (WHERE state = 'unknown' AND ended_at > ?1) AS unknown
     FROM deliveries WHERE ended_at > ?1 OR ended_at IS NULL`,
  )
  const all = (ids: readonly number[], run: (id: number) => void): void => atomically(db, () => ids.forEach(run))
  const claimAll = (ids: readonly number[], now: number, more: () => void): boolean => {
    db.exec('BEGIN IMMEDIATE')
    try {
      if (!ids.every((id) => claim.run(now, id).changes === 1)) return false
      more()
      db.exec('COMMIT')
      return true
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK')
    }
  }

  return {
    plan: (notices, now) => atomically(db, () => notices.filter((each) => plan(each, now)).length),
    due(channel, now, limit) {
      const rows = [due, stranded].flatMap((each) => each.all(channel, now, limit) as { target: number }[])
      return [...new Set(rows.map(({ target }) => target))]
    },
    waiting: (channel, target, now, limit) => waiting.all(channel, now, target, limit) as unknown as readonly Delivery[],
    notice(key) {
      const row = notice.get(key) as { notice: string } | undefined
      return row === undefined ? null : (JSON.parse(row.notice) as StoredNotice)
    },
    toldBefore: (target, subject) => (before.get(target, subject) as { count: number }).count,
    claim: (ids, now) => claimAll(ids, now, () => undefined),
    claimMail: (ids, target, spentUntil, now) => claimAll(ids, now, () => spent.run(spentUntil, target)),
    told: (ids, messageId, now) => all(ids, (id) => end.run('told', null, messageId, now, id)),
    ended: (ids, state, note, now) => all(ids, (id) => end.run(state, note.slice(0, noteCharsMax), null, now, id)),
    putOff: (ids, at, tried, note) => all(ids, (id) => putOff.run(at, tried ? 1 : 0, note?.slice(0, noteCharsMax) ?? null, id)),
    recover: (now) =>
      atomically(db, () => {
        recoverMail.run(now)
        recoverWebhooks.run(now)
      }),
    tidy: (now) =>
      atomically(db, () => {
        tooOld.run(now, now - PLAN_BOUNDS.staleMs)
        switchedOff.run(now)
        const old = now - DELIVERY_BOUNDS.keepMs
        forgetDeliveries.run(old)
        forgetNotices.run(old, old)
      }),
    counts: (now) => ({ ...(counts.get(now - 86_400_000) as unknown as DeliveryCounts) }),
  }
}

/** @returns a function that plans one notice and says whether it was new. Runs inside a transaction. */
function preparePlan(db: DatabaseSync): (stored: StoredNotice, now: number) => boolean {
  const remember = db.prepare('INSERT INTO notices (key, subject, at, stored_at, notice) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING')
  const listeners = db.prepare('SELECT id FROM subscribers WHERE confirmed_at <= ?')
  const webhooks = db.prepare('SELECT id FROM webhooks WHERE disabled_at IS NULL AND added_at <= ?')
  const toldBefore = db.prepare(
    `SELECT target, max(ended_at) AS at, max(CASE WHEN closing = 1 THEN ended_at END) AS closingAt FROM deliveries
     WHERE subject = ? AND channel = 'mail' AND state IN ('told', 'sending', 'unknown') GROUP BY target`,
  )
  const waiting = db.prepare(
    "SELECT target, sum(folds + 1) AS folds FROM deliveries WHERE subject = ? AND channel = 'mail' AND state = 'waiting' GROUP BY target",
  )
  const fold = db.prepare("UPDATE deliveries SET state = 'folded', ended_at = ? WHERE subject = ? AND channel = 'mail' AND state = 'waiting'")
  const foldFailing = db.prepare(
    `UPDATE deliveries SET state = 'folded', ended_at = ?
     WHERE subject = ? AND channel = 'webhook' AND target = ? AND part = ? AND state = 'waiting' AND tries > 0`,
  )
  const letGo = db.prepare(
    `UPDATE deliveries SET state = 'failed', note = 'too many waited', ended_at = ? WHERE id IN (SELECT id FROM deliveries
       WHERE channel = 'webhook' AND target = ? AND state = 'waiting' ORDER BY id DESC LIMIT -1 OFFSET ${DELIVERY_BOUNDS.perWebhookMax})`,
  )
  const insert = db.prepare(
    `INSERT INTO deliveries (channel, target, notice_key, part, subject, state, closing, planned_at, due_at, folds)
     VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)`,
  )

  function planMail(key: string, subject: string, closing: boolean, at: number, now: number): void {
    const told = new Map(
      (toldBefore.all(subject) as unknown as { target: number; at: number; closingAt: number | null }[]).map((row) => [row.target, row]),
    )
    const folds = new Map((waiting.all(subject) as unknown as { target: number; folds: number }[]).map((row) => [row.target, row.folds]))
    fold.run(now, subject)
    for (const { id } of listeners.all(at) as unknown as { id: number }[]) {
      const due = dueAt(closing, told.get(id) ?? { at: null, closingAt: null }, now)
      insert.run('mail', id, key, '', subject, closing ? 1 : 0, now, due, folds.get(id) ?? 0)
    }
  }

  function planWebhooks(key: string, subject: string, parts: readonly string[], at: number, now: number): void {
    for (const { id } of webhooks.all(at) as unknown as { id: number }[]) {
      for (const part of parts) {
        // Failed deliveries hold older news about the same thing: only the newer one is sent, so that none overtakes another.
        foldFailing.run(now, subject, id, part)
        insert.run('webhook', id, key, part, subject, 0, now, now, 0)
      }
      letGo.run(now, id)
    }
  }

  return (stored, now) => {
    const { notice, changes } = stored
    const subject = subjectOf(notice)
    const { at } = notice.update
    if (remember.run(notice.key, subject, at, now, JSON.stringify(stored)).changes === 0) return false
    if (!notice.update.notify || now - at > PLAN_BOUNDS.staleMs) return true
    planMail(notice.key, subject, isClosing(notice), at, now)
    planWebhooks(notice.key, subject, ['', ...changes.map(({ component }) => component)], at, now)
    return true
  }
}
