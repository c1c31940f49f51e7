import { setTimeout as sleep } from 'node:timers/promises'
import { MOVING_BOUNDS, type MovingBounds } from '../../moving/bounds.ts'
import type { Mark, MoveSide, MoveSource, MoveTarget, Part, RoomSum, Row } from '../../moving/move-side.ts'
import { ACCOUNTS, CONVERSATIONS, MARKS, JOURNAL, META, TABLES, type Table } from '../../moving/tables.ts'
import { checkServer } from './check-server.ts'
import { Connection } from './connection.ts'
import { checkMigrations, LOCKS, migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { markIn, seal } from './move-marks.ts'
import { DatabaseFault } from './postgres-faults.ts'
import { endWipes } from './wipe.ts'

const pollMs = 100
/** How long after `readOnlyMsMax` the locks of a move that hangs are taken from it. */
const HANGS_MS = 5_000

/** Locks and transactions of a move last as long as its other side needs. Parts are looked up by index, whatever the statistics of a new table say. */
const PATIENT = 'SET idle_in_transaction_session_timeout = 0; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off'

/** Other processes on this database, by the names that they give their connections. */
const OTHERS = `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'bongsu %' AND application_name <> 'bongsu migrate'`

/** Reads one moment of a database. */
class PostgresSide implements MoveSide {
  readonly name: string
  protected readonly bounds: MovingBounds
  protected readonly reader: Connection
  protected readonly writer: Connection
  #cursors = 0
  #looks = false

  protected constructor(url: string, [reader, writer]: readonly [Connection, Connection], bounds: MovingBounds) {
    const { host, pathname } = new URL(url)
    this.name = `postgres://${host}${pathname}`
    this.bounds = bounds
    this.reader = reader
    this.writer = writer
  }

  /** @param unsafe whether a server that could lose what it confirms is refused. */
  protected static async connect(url: string, unsafe: 'refuse' | 'allow'): Promise<[Connection, Connection]> {
    const open = (): Promise<Connection> => Connection.open(url, 'migrate', async (connection) => void (await checkServer(connection, unsafe)))
    const reader = await open()
    try {
      const writer = await open()
      await Promise.all([reader, writer].map((connection) => connection.run(PATIENT)))
      return [reader, writer]
    } catch (error) {
      reader.cut()
      throw error
    }
  }

  async look(): Promise<void> {
    if (this.#looks) await this.reader.run('COMMIT')
    await this.reader.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    this.#looks = true
  }

  async *rows(table: Table, part?: Part): AsyncGenerator<readonly Row[]> {
    const columns = table.columns
      .map((column) => (column === table.uuid ? `encode(uuid_send(t.${column}), 'hex') AS ${column}` : `t.${column}`))
      .join(', ')
    const order = `ORDER BY ${table.key.map((column) => `t.${column}`).join(', ')}`
    const from =
      part === undefined
        ? `${table.name} t ${order}`
        : `unnest($1::bigint[], $2::bigint[]) AS r (o, c) JOIN ${table.name} t ON t.${part.owner} = r.o AND t.${part.column} ${part.is} r.c ${part.ordered ? order : ''}`
    const parameters = part === undefined ? [] : [part.pairs.map(([owner]) => owner), part.pairs.map(([, column]) => column)]
    const cursor = `c${++this.#cursors}`
    await this.reader.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${columns} FROM ${from}`, parameters)
    try {
      for (;;) {
        const { rows } = await this.reader.query<Row>(`FETCH ${this.bounds.rowsPerPage} FROM ${cursor}`, [])
        if (rows.length > 0) yield rows
        if (rows.length < this.bounds.rowsPerPage) return
      }
    } finally {
      await this.reader.run(`CLOSE ${cursor}`).catch(() => undefined)
    }
  }

  async lastSeqs(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.reader.query<{ key: number; seq: number | null }>(
      'SELECT k AS key, (SELECT max(seq) FROM entries WHERE conversation_key = k) AS seq FROM unnest($1::bigint[]) AS k',
      [conversationKeys],
    )
    return new Map(rows.flatMap(({ key, seq }) => (seq === null ? [] : [[key, seq]])))
  }

  async sums(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, RoomSum>> {
    const { rows } = await this.reader.query<RoomSum & { key: number }>(
      `SELECT k AS key, s.* FROM unnest($1::bigint[]) AS k, LATERAL (
         SELECT count(*) AS entries, encode(sha256(string_agg(int8send(seq) || uuid_send(id), ''::bytea ORDER BY seq)), 'hex') AS hash,
           sum(octet_length(body)) AS bytes FROM entries WHERE conversation_key = k) s WHERE s.entries > 0`,
      [conversationKeys],
    )
    return new Map(rows.map(({ key, ...sum }) => [key, sum]))
  }

  async count({ name }: Table): Promise<number> {
    return (await this.reader.query<{ n: number }>(`SELECT count(*) AS n FROM ${name}`, [])).rows[0]?.n ?? 0
  }

  async epoch(): Promise<string> {
    return (await this.reader.query<{ value: string }>("SELECT value FROM meta WHERE key = 'epoch'", [])).rows[0]?.value ?? ''
  }

  async close(): Promise<void> {
    await Promise.all([this.reader.close(), this.writer.close()])
  }
}

export class PostgresSource extends PostgresSide implements MoveSource {
  static async open(url: string, bounds: MovingBounds = MOVING_BOUNDS): Promise<PostgresSource> {
    const source = new PostgresSource(url, await PostgresSide.connect(url, 'allow'), bounds)
    try {
      if ((await checkMigrations(source.reader, loadMigrations())) > 0)
        throw new Error('The database is of an older version. Start the server of this version on it once; nothing was changed.')
      if ((await markIn(source.reader, 'moving')) !== null) throw new Error(`A move to ${source.name} is not finished; nothing was changed.`)
      return source
    } catch (error) {
      await source.close()
      throw error
    }
  }

  left(): Promise<Mark | null> {
    return markIn(this.reader, 'moved')
  }

  async hold(): Promise<void> {
    const until = performance.now() + this.bounds.holdMsMax
    for (;;) {
      try {
        await endWipes(this.writer)
        // When this program hangs, the database lets the writes go on.
        await this.writer.run(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${this.bounds.readOnlyMsMax + HANGS_MS}`)
        return await this.writer.run(`LOCK TABLE ${TABLES.map(({ name }) => name).join(', ')} IN EXCLUSIVE MODE`)
      } catch (error) {
        await this.letGo()
        // A long transaction, or one that waited for this one.
        if (!(error instanceof DatabaseFault && ['55P03', '40P01'].includes(error.sqlState ?? '')) || performance.now() > until) throw error
      }
    }
  }

  async letGo(): Promise<void> {
    await this.writer.run('ROLLBACK')
  }

  async seal(mark: Mark): Promise<void> {
    await seal(this.writer, mark)
    await this.writer.commit()
  }

  /** A server that cannot write any more ends. */
  async ended(): Promise<void> {
    const until = performance.now() + this.bounds.endMsMax
    while (((await this.writer.query<{ n: number }>(OTHERS, [])).rows[0]?.n ?? 0) > 0) {
      if (performance.now() > until)
        throw new Error(`A server still uses ${this.name}, although it cannot write any more. Stop it, and run the same command again.`)
      await sleep(pollMs)
    }
  }

  async keys(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { rows } = await this.reader.query<{ name: string; value: Uint8Array }>('SELECT name, value FROM secrets', [])
    return new Map(rows.map(({ name, value }) => [name, value]))
  }
}

export class PostgresTarget extends PostgresSide implements MoveTarget {
  static async open(url: string, unsafe: 'refuse' | 'allow', bounds: MovingBounds = MOVING_BOUNDS): Promise<PostgresTarget> {
    return new PostgresTarget(url, await PostgresSide.connect(url, unsafe), bounds)
  }

  async begin(mark: Mark): Promise<Mark> {
    const { rows } = await this.writer.query<{ ok: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ok', [LOCKS.space, LOCKS.move])
    if (rows[0]?.ok !== true) throw new Error(`Another move to ${this.name} is running.`)
    await migrate(this.writer, loadMigrations(), Date.now())
    const there = await markIn(this.writer, 'moving')
    if (there !== null) {
      if (there.epoch === mark.epoch) return there
      throw new Error(`${this.name} holds an unfinished move of another history. Give the move an empty database; nothing was changed.`)
    }
    for (const { name } of TABLES.filter((table) => table !== META))
      // Every journal begins with the same row.
      if ((await this.writer.query(`SELECT 1 FROM ${name} ${name === JOURNAL.name ? 'WHERE seq > 0' : ''} LIMIT 1`, [])).rowCount !== 0)
        throw new Error(`${this.name} already holds a history. Give the move an empty database; nothing was changed.`)
    if (((await this.writer.query<{ n: number }>(OTHERS, [])).rows[0]?.n ?? 0) > 0)
      throw new Error(`A server uses ${this.name}. Stop it, and give the move an empty database; nothing was changed.`)
    await this.writer.query('INSERT INTO meta (key, value) VALUES ($1, $2)', [MARKS.moving, JSON.stringify(mark)])
    return mark
  }

  async put({ name, columns, key }: Table, rows: readonly Row[]): Promise<void> {
    const rest = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
    await this.writer.query(
      `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM json_populate_recordset(NULL::${name}, $1)
       ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${rest.join(', ')}`,
      [JSON.stringify(rows)],
    )
  }

  async remove({ name, key }: Table, rows: readonly Row[]): Promise<void> {
    const where = key.map((column) => `t.${column} = r.${column}`).join(' AND ')
    await this.writer.query(`DELETE FROM ${name} t USING json_populate_recordset(NULL::${name}, $1) r WHERE ${where}`, [JSON.stringify(rows)])
  }

  async putKeys(keys: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [name, value] of keys)
      await this.writer.query('INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [
        name,
        value,
      ])
  }

  async settle(): Promise<void> {
    await this.writer.run('ANALYZE')
  }

  async finish(): Promise<void> {
    await this.writer.run('BEGIN')
    for (const { name, key } of [ACCOUNTS, CONVERSATIONS])
      await this.writer.run(`SELECT setval(pg_get_serial_sequence('${name}', '${key[0]}'), greatest(1, (SELECT max(${key[0]}) FROM ${name})))`)
    await this.writer.query('DELETE FROM meta WHERE key = $1', [MARKS.moving])
    await this.writer.commit()
  }
}
