import type { AccountId } from '@bongsu/protocol'
import { statement } from '../accounts/builder.ts'
import type { AccountsParts } from '../accounts/parts.ts'
import { FIGURES_BOUNDS } from './bounds.ts'
import type { Figures } from './figures.ts'

/** Records in batches which accounts were connected. The share of affected accounts is later computed from it [F4]. */
export interface Activity {
  /** Writes who was connected since the last write. @param least ms that must have passed since then; otherwise nothing is written. */
  write(leastMs: number): Promise<void>
}

export function createActivity(parts: Pick<AccountsParts, 'sql' | 'db' | 'clock'>, figures: Pick<Figures, 'collectSeen'>): Activity {
  let writtenAt = -Infinity
  /** When the unwritten activity was collected, to know its age. */
  let takenAt = 0
  /** One write at a time. Failed entries are written with the next one. */
  let writing: Promise<void> = Promise.resolve()
  let unwritten: ReadonlyMap<AccountId, number> = new Map()

  async function write(leastMs: number): Promise<void> {
    const at = parts.clock.monotonic()
    if (at - writtenAt < leastMs) return
    const seen = figures.collectSeen()
    for (const [accountId, agoMs] of unwritten) if (seen.size < FIGURES_BOUNDS.activeMax) seen.set(accountId, agoMs + at - takenAt)
    unwritten = seen
    takenAt = at
    const step = FIGURES_BOUNDS.activityStepMs
    for (const [steps, group] of Map.groupBy(seen, ([, agoMs]) => Math.ceil(agoMs / step))) {
      const all = group.map(([accountId]) => accountId)
      for (let start = 0; start < all.length; start += FIGURES_BOUNDS.activityBatch) {
        const batch = all.slice(start, start + FIGURES_BOUNDS.activityBatch)
        await touch(parts, batch, steps * step)
        for (const accountId of batch) seen.delete(accountId)
      }
    }
    writtenAt = at
  }

  return {
    write(leastMs) {
      const done = writing.then(() => write(leastMs))
      writing = done.catch(() => undefined)
      return done
    },
  }
}

async function touch(
  { sql, db, clock }: Pick<AccountsParts, 'sql' | 'db' | 'clock'>,
  accountIds: readonly AccountId[],
  agoMs: number,
): Promise<void> {
  const now = clock.now()
  const since = now - agoMs
  const upsert = db
    .insertInto('account_activity')
    .columns(['account_key', 'active_since', 'last_active_at'])
    .expression((builder) =>
      builder
        .selectFrom('accounts')
        .select((row) => ['account_key', row.val(since).as('active_since'), row.val(now).as('last_active_at')])
        .where('account_id', 'in', accountIds)
        .where('canary', '=', 0),
    )
    .onConflict((conflict) =>
      conflict.column('account_key').doUpdateSet((row) => ({
        active_since: row
          .case()
          // The account was away for long. Or the row was written before the clock was set back, and its age is unknown.
          .when('account_activity.last_active_at', '<', now - FIGURES_BOUNDS.activityPauseMs)
          .then(since)
          .when('account_activity.active_since', '>', now)
          .then(since)
          .else(row.ref('account_activity.active_since'))
          .end(),
        last_active_at: now,
      })),
    )
  await sql.atomic([statement(upsert)])
}
