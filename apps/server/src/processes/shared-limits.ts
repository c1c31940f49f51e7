import { createHmac } from 'node:crypto'
import { sql, type Expression } from 'kysely'
import { statement, step } from '../accounts/builder.ts'
import type { AccountsParts } from '../accounts/parts.ts'
import type { Limits } from '../ops/limits.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'

interface LimitRow {
  readonly taken: number
  readonly began_at: number
  readonly ends_at: number
}

/** What is counted. Each kind has a bound of its own: filling one must not push out the counts of another. */
export type LimitKind = 'failures' | 'familiar' | 'names' | 'quotas' | 'lookups'

export interface SharedLimits extends Limits {
  /** Deletes windows that are over, and those of this kind beyond its bound that end first. Called once a minute. */
  tidy(): Promise<void>
}

/**
 * The limits of all processes together, counted in the store: they hold without a bus, and over a restart. A key is stored as a hash under a secret, so
 * that the database and its backups tell no address. A window that begins in the future, by a clock that was wrong, does not count.
 */
export function createSharedLimits(
  parts: Pick<AccountsParts, 'sql' | 'db'> & { readonly clock: Pick<AccountsParts['clock'], 'now'>; readonly secret: Uint8Array },
  kind: LimitKind,
  keysMax: number = PROCESSES_BOUNDS.limitsMax,
): SharedLimits {
  const { sql: database, db, clock, secret } = parts
  const hash = (key: string): string => `${kind}.${createHmac('sha256', secret).update(key).digest('base64url')}`
  // The slash follows the full stop.
  const ofKind = db.selectFrom('limits').where('key', '>=', `${kind}.`).where('key', '<', `${kind}/`)

  /** Other transactions of accounts come between two batches. */
  async function remove(keys: (most: number) => Expression<string>): Promise<void> {
    const most = PROCESSES_BOUNDS.tidyBatch
    for (;;) {
      const result = await database.atomic([step(db.deleteFrom('limits').where('key', 'in', keys(most)).returning('key'))])
      if (!result.ok || (result.rows[0]?.length ?? 0) < most) return
    }
  }

  return {
    async spend(key, points, windowMs, used = 1) {
      const now = clock.now()
      const isOver = sql<boolean>`(limits.ends_at <= ${now} OR limits.began_at > ${now + PROCESSES_BOUNDS.clocksApartMs})`
      const spent = db
        .insertInto('limits')
        .values({ key: hash(key), taken: used, began_at: now, ends_at: now + windowMs })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({
            taken: sql<number>`CASE WHEN ${isOver} THEN CAST(${used} AS INTEGER) ELSE limits.taken + CAST(${used} AS INTEGER) END`,
            began_at: sql<number>`CASE WHEN ${isOver} THEN ${now} ELSE limits.began_at END`,
            ends_at: sql<number>`CASE WHEN ${isOver} THEN ${now + windowMs} ELSE limits.ends_at END`,
          }),
        )
        .returning(['taken', 'ends_at'])
      const result = await database.atomic([step(spent, 1)])
      if (!result.ok) throw new Error(`A limit could not be counted: ${result.failed}`)
      const [row] = result.rows[0] as readonly Pick<LimitRow, 'taken' | 'ends_at'>[]
      if (row === undefined || row.taken <= points) return { ok: true }
      return { ok: false, retryAfterMs: Math.min(windowMs, Math.max(1, row.ends_at - now)) }
    },

    async look(key, points) {
      const now = clock.now()
      const query = db.selectFrom('limits').select(['taken', 'began_at', 'ends_at']).where('key', '=', hash(key))
      const [row] = await database.read<LimitRow>(statement(query))
      if (row === undefined || row.ends_at <= now || row.began_at > now + PROCESSES_BOUNDS.clocksApartMs) return { points, windowMs: 0 }
      return { points: Math.max(0, points - row.taken), windowMs: Math.min(row.ends_at - row.began_at, row.ends_at - now) }
    },

    async forget(key) {
      await database.atomic([step(db.deleteFrom('limits').where('key', '=', hash(key)))])
    },

    async tidy() {
      await remove((most) => db.selectFrom('limits').select('key').where('ends_at', '<=', clock.now()).orderBy('ends_at').limit(most).$asScalar())
      const [row] = await database.read<{ n: number }>(statement(ofKind.select((all) => all.fn.countAll<number>().as('n'))))
      if (row === undefined || row.n <= keysMax) return
      await remove((most) => ofKind.select('key').orderBy('ends_at', 'desc').limit(most).offset(keysMax).$asScalar())
    },
  }
}
