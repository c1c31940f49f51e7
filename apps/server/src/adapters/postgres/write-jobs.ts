import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { STARTS_KEPT, START_ID_BYTES, type Start } from '../../delivery/history-store.ts'
import { beginEpoch } from './begin-epoch.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import type { Connection } from './connection.ts'
import { decideJob } from './decide-jobs.ts'
import { flushLedger } from './flush-ledger.ts'
import { loadFacts } from './load-facts.ts'
import { LOCKS } from './migrate.ts'
import { DatabaseFault, lostAgainst, TRANSACTION_ROLLBACK, waitedForLock } from './postgres-faults.ts'
import type { WriteJob } from './write-job.ts'

export interface Written {
  readonly answers: readonly unknown[]
  /** What this start has written so far; null before its first write. */
  readonly start: Start | null
  /** Content was edited or erased. */
  readonly rewrote: boolean
}

/** Does the jobs of one message in one transaction. Rejects when it is not known to be durable. */
export type Write = (jobs: readonly WriteJob[]) => Promise<Written>

/** @param connection is one start: nothing else writes the log on it. */
export function createWriter(connection: Connection): Write {
  let start: Start | null = null
  /** Conversations whose state before this start is recorded. */
  let noted = new Set<number>()

  async function once(jobs: readonly WriteJob[]): Promise<Written> {
    const first = [connection.run('BEGIN')]
    const next = start === null ? nextStart(connection) : null
    const { ledger, newKey } = await loadFacts(connection, jobs, next === null ? first : [...first, next])
    const answers = jobs.map((job) => decideJob(ledger, job, newKey))
    const isProbe = jobs.some(({ t }) => t === 'probe')
    if (!ledger.hasWrites && !isProbe) {
      // Locks are records of the write-ahead log too. So this commit waits for the standby, and an answer that rests on an earlier entry waits until that
      // entry is confirmed [D11].
      await connection.commit()
      return { answers, start, rewrote: false }
    }
    const unnoted = [...ledger.changedRooms].filter((room) => room.before !== null && !noted.has(room.key))
    const mine = ledger.hasWrites
      ? (start ?? { start: (await next) as number, id: randomBytes(START_ID_BYTES).toString('base64url'), written: 0 })
      : null
    const counted = mine === null ? null : count(connection, mine)
    await Promise.all([
      ...(mine === null ? [] : flushLedger(connection, ledger, mine.start, unnoted)),
      ...(isProbe ? [connection.query(PROBE, [String(Date.now())])] : []),
      counted,
      connection.commit(),
    ])
    const rewrote = ledger.rewrites.size > 0
    if (mine === null || counted === null) return { answers, start, rewrote }
    for (const { key } of unnoted) noted.add(key)
    if (noted.size > POSTGRES_BOUNDS.notedRoomsMax) noted = new Set()
    const written = await counted
    // Nobody but a restore of the database takes the row away, and what comes then is another start.
    start = written === null ? null : { ...mine, written }
    return { answers, start, rewrote }
  }

  return async (jobs) => {
    const epochs = jobs.filter((job) => job.t === 'epoch')
    for (const job of epochs) await beginEpoch(connection, job)
    let [lost, waits] = [0, 0]
    for (;;) {
      try {
        return await once(jobs)
      } catch (error) {
        if (waitedForLock(error)) {
          if (++waits === POSTGRES_BOUNDS.lockTriesMax) throw error
          await connection.run('ROLLBACK')
          continue
        }
        if (!lostAgainst(error)) throw error
        await connection.run('ROLLBACK')
        // What a retry of one batch does not mend may be over later [O13].
        if (++lost === POSTGRES_BOUNDS.triesMax)
          throw new DatabaseFault(`lost ${lost} times: ${(error as Error).message}`, TRANSACTION_ROLLBACK, error)
        await sleep(Math.random() * 10 * lost)
      }
    }
  }
}

const PROBE = "INSERT INTO meta (key, value) VALUES ('probe', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value"

/** Starts are numbered without a gap, so two that begin at once wait for each other. */
async function nextStart(connection: Connection): Promise<number> {
  const [, { rows }] = await Promise.all([
    connection.query('SELECT pg_advisory_xact_lock($1, $2)', [LOCKS.space, LOCKS.start]),
    connection.query<{ start: number }>('SELECT coalesce(max(start), 0) + 1 AS start FROM starts', []),
  ])
  return rows[0]?.start as number
}

/** Counts the transaction in which it is called. @returns the count after it; null when the start is not there any more. */
async function count(connection: Connection, { start, id, written }: Start): Promise<number | null> {
  if (written === 0) {
    await Promise.all([
      connection.query('INSERT INTO starts (start, id, written) VALUES ($1, $2, 1)', [start, id]),
      ...['start_heads', 'starts'].map((table) => connection.query(`DELETE FROM ${table} WHERE start <= $1`, [start - STARTS_KEPT])),
    ])
    return 1
  }
  const { rows } = await connection.query<{ written: number }>(COUNT, [start, id])
  return rows[0]?.written ?? null
}

const COUNT = { name: 'count', text: 'UPDATE starts SET written = written + 1 WHERE start = $1 AND id = $2 RETURNING written' }
