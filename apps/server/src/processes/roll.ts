import { statement, step } from '../accounts/builder.ts'
import type { AccountsParts } from '../accounts/parts.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'

/** The server processes that live on this store, by what each of them writes there: the truth that the bus is compared with. */
export interface Roll {
  /** Other processes that live, as far as the last beats showed. */
  readonly living: () => ReadonlySet<string>
  /** Writes a sign of life and reads those of others. Called every `beatMs`. */
  beat(): Promise<void>
  /** This process ends. */
  leave(): Promise<void>
}

interface ProcessRow {
  readonly process: string
  readonly beats: number
}

export interface RollParts extends Pick<AccountsParts, 'sql' | 'db' | 'clock'> {
  readonly process: string
}

/** This process lives from now on. */
export async function openRoll(parts: RollParts): Promise<Roll> {
  const { sql, db, clock, process } = parts
  /** Other processes, the last beat read, and when it was first read (monotonic ms); -Infinity for a row that was there at the start. */
  const seen = new Map<string, { readonly beats: number; readonly at: number }>()
  let living: ReadonlySet<string> = new Set()
  let beats = 0
  let beating: Promise<void> | null = null

  const read = (): Promise<readonly ProcessRow[]> =>
    sql.read<ProcessRow>(
      statement(
        db
          .selectFrom('processes')
          .select(['process', 'beats'])
          .where('process', '!=', process)
          .where('written_at', '>', clock.now() - PROCESSES_BOUNDS.keptMs)
          .orderBy('written_at', 'desc')
          .limit(PROCESSES_BOUNDS.processesMax),
      ),
    )

  /** Only a number that rises shows life: the clocks of two machines may differ. */
  function look(rows: readonly ProcessRow[], isFirst: boolean): void {
    const now = clock.monotonic()
    for (const row of rows) {
      const before = seen.get(row.process)
      if (before === undefined || before.beats !== row.beats) seen.set(row.process, { beats: row.beats, at: isFirst ? -Infinity : now })
    }
    const rowsOf = new Set(rows.map((row) => row.process))
    for (const other of seen.keys()) if (!rowsOf.has(other)) seen.delete(other)
    living = new Set([...seen].filter(([, { at }]) => now - at < PROCESSES_BOUNDS.goneMs).map(([other]) => other))
  }

  async function beat(): Promise<void> {
    beats++
    const now = clock.now()
    const write = db
      .insertInto('processes')
      .values({ process, beats, written_at: now })
      .onConflict((conflict) => conflict.column('process').doUpdateSet({ beats, written_at: now }))
    const forget = db.deleteFrom('processes').where('written_at', '<', now - PROCESSES_BOUNDS.keptMs)
    await sql.atomic([step(write), step(forget)])
    look(await read(), false)
  }

  look(await read(), true)
  await beat()

  return {
    living: () => living,
    beat: () => (beating ??= beat().finally(() => (beating = null))),
    async leave() {
      await beating?.catch(() => undefined)
      await sql.atomic([step(db.deleteFrom('processes').where('process', '=', process))])
    },
  }
}
