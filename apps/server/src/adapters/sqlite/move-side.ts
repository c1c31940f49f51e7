import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { MOVING_BOUNDS, type MovingBounds } from '../../moving/bounds.ts'
import type { Mark, MoveSide, MoveSource, MoveTarget, Part, RoomSum, Row } from '../../moving/move-side.ts'
import { MARKS, type Table } from '../../moving/tables.ts'
import { fileKeys, KEY_NAMES, keyFileIn } from '../../store/file-keys.ts'
import { checkFile, Unusable } from './check-file.ts'
import { all, lockWaitMs, one, openConnection, rowsOf } from './connection.ts'
import { checkMigrations, migrate, needsMigration } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { markIn, seal } from './move-marks.ts'
import { giveToOwner, restoreMark, syncDirectory } from './place-file.ts'
import { writeKeyFile } from '../../accounts/key-file.ts'
import { createRunningHash } from '../../conversation/audit-hash.ts'
import { faultOf } from './sqlite-faults.ts'
import { lockStore, StoreLocked } from './store-lock.ts'

/** Entries hashed at once. */
const hashedAtOnce = 1_000
const pollMs = 100

/** Reads one moment of a database file. */
class SqliteSide implements MoveSide {
  readonly directory: string
  readonly file: string
  protected readonly bounds: MovingBounds
  #reader: DatabaseSync | null = null

  constructor(directory: string, bounds: MovingBounds) {
    this.directory = directory
    this.file = join(directory, 'bongsu.db')
    this.bounds = bounds
  }

  get name(): string {
    return this.file
  }

  protected get reader(): DatabaseSync {
    return (this.#reader ??= new DatabaseSync(this.file, { readOnly: true, timeout: lockWaitMs }))
  }

  async look(): Promise<void> {
    if (this.reader.isTransaction) this.reader.exec('COMMIT')
    this.reader.exec('BEGIN')
  }

  async *rows(table: Table, part?: Part): AsyncGenerator<readonly Row[]> {
    const columns = table.columns.map((column) => (column === table.uuid ? `lower(hex(t.${column})) AS ${column}` : `t.${column}`)).join(', ')
    const order = `ORDER BY ${table.key.map((column) => `t.${column}`).join(', ')}`
    const from =
      part === undefined
        ? `${table.name} t ${order}`
        : `json_each(?) r CROSS JOIN ${table.name} t ON t.${part.owner} = r.value ->> 0 AND t.${part.column} ${part.is} r.value ->> 1 ${part.ordered ? order : ''}`
    const parameters = part === undefined ? [] : [JSON.stringify(part.pairs)]
    let page: Row[] = []
    for (const row of rowsOf<Row>(this.reader.prepare(`SELECT ${columns} FROM ${from}`), ...parameters)) {
      page.push(row)
      if (page.length < this.bounds.rowsPerPage) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }

  async lastSeqs(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const last = this.reader.prepare('SELECT max(seq) AS seq FROM entries WHERE conversation_key = ?')
    const found = conversationKeys.map((key) => [key, one<{ seq: number | null }>(last, key)?.seq ?? 0] as const)
    return new Map(found.filter(([, seq]) => seq > 0))
  }

  async sums(conversationKeys: readonly number[]): Promise<ReadonlyMap<number, RoomSum>> {
    const entriesOf = this.reader.prepare('SELECT seq, id, octet_length(body) AS bytes FROM entries WHERE conversation_key = ? ORDER BY seq')
    const sums = new Map<number, RoomSum>()
    for (const key of conversationKeys) {
      const hash = createRunningHash(hashedAtOnce)
      let [entries, bytes] = [0, 0]
      for (const row of rowsOf<{ seq: number; id: Uint8Array; bytes: number }>(entriesOf, key)) {
        hash.add(row.seq, row.id)
        entries++
        bytes += row.bytes
      }
      if (entries > 0) sums.set(key, { entries, hash: hash.end(), bytes })
    }
    return sums
  }

  async count({ name }: Table): Promise<number> {
    return one<{ n: number }>(this.reader.prepare(`SELECT count(*) AS n FROM ${name}`))?.n ?? 0
  }

  async epoch(): Promise<string> {
    return one<{ value: string }>(this.reader.prepare("SELECT value FROM meta WHERE key = 'epoch'"))?.value ?? ''
  }

  protected closeReader(): void {
    this.#reader?.close()
    this.#reader = null
  }

  async close(): Promise<void> {
    this.closeReader()
  }
}

export class SqliteSource extends SqliteSide implements MoveSource {
  #writer: DatabaseSync | null = null
  #unlock: (() => void) | null = null

  constructor(directory: string, bounds: MovingBounds = MOVING_BOUNDS) {
    super(directory, bounds)
    if (!existsSync(this.file)) throw new Unusable(`There is no database in ${directory}. Give its folder with --data or BONGSU_DATA.`)
    if (existsSync(restoreMark(directory)))
      throw new Unusable(`A restore was interrupted in ${directory}. Run the same "npx bongsu restore" again to finish it.`)
    checkFile(this.file)
    checkMigrations(this.reader, loadMigrations())
    if (needsMigration(this.reader, loadMigrations()))
      throw new Unusable('The database is of an older version. Start the server of this version on it once, then move it; nothing was changed.')
    if (markIn(this.reader, 'moving') !== null) throw new Unusable(`A move to ${this.file} is not finished; nothing was changed.`)
  }

  async left(): Promise<Mark | null> {
    return markIn(this.reader, 'moved')
  }

  async hold(): Promise<void> {
    const writer = (this.#writer ??= openConnection(this.file, 'write'))
    const until = performance.now() + this.bounds.holdMsMax
    for (;;) {
      try {
        return writer.exec('BEGIN IMMEDIATE')
      } catch (error) {
        // Another connection writes without a pause. Each try waits for some seconds.
        if (!faultOf(error).operating || performance.now() > until) throw error
      }
    }
  }

  async letGo(): Promise<void> {
    if (this.#writer?.isTransaction === true) this.#writer.exec('ROLLBACK')
  }

  async seal(mark: Mark): Promise<void> {
    const writer = this.#writer as DatabaseSync
    seal(writer, mark)
    writer.exec('COMMIT')
  }

  async ended(): Promise<void> {
    const until = performance.now() + this.bounds.endMsMax
    for (;;) {
      try {
        this.#unlock ??= lockStore(join(this.directory, 'bongsu.lock'))
        return
      } catch (error) {
        if (!(error instanceof StoreLocked)) throw error
        if (performance.now() > until)
          throw new Error(`The server still runs on ${this.directory}, although it cannot write any more. Stop it, and run the same command again.`, {
            cause: error,
          })
      }
      await sleep(pollMs)
    }
  }

  async keys(): Promise<ReadonlyMap<string, Uint8Array>> {
    const keys = fileKeys(this.directory)
    return new Map(await Promise.all(KEY_NAMES.map(async (name) => [name, await keys.load(name)] as const)))
  }

  override async close(): Promise<void> {
    await this.letGo()
    this.closeReader()
    this.#writer?.close()
    this.#unlock?.()
  }
}

/** Fills a data directory. Its database has the mark of an unfinished move from its first moment to its last. */
export class SqliteTarget extends SqliteSide implements MoveTarget {
  #writer: DatabaseSync | null = null
  #unlock: (() => void) | null = null

  constructor(directory: string, bounds: MovingBounds = MOVING_BOUNDS) {
    super(directory, bounds)
  }

  async begin(mark: Mark): Promise<Mark> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    this.#unlock = lockStore(join(this.directory, 'bongsu.lock'))
    if (!existsSync(this.file)) this.#make(mark)
    checkFile(this.file)
    const there = markIn(this.reader, 'moving')
    if (there === null) throw new Unusable(`${this.directory} already holds a database. Give the move an empty folder; nothing was changed.`)
    if (there.epoch !== mark.epoch)
      throw new Unusable(`${this.directory} holds an unfinished move of another history. Give the move an empty folder; nothing was changed.`)
    this.#writer = openConnection(this.file, 'write')
    // Rows come in any order of tables. What a fault of the network loses on the way is found by comparing.
    this.#writer.exec('PRAGMA foreign_keys = OFF; PRAGMA synchronous = NORMAL')
    return there
  }

  /** Created under another name: a killed start leaves nothing that looks like a database. */
  #make(mark: Mark): void {
    const draft = `${this.file}.new`
    for (const name of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
    closeSync(openSync(draft, 'a', 0o600))
    const db = openConnection(draft, 'write')
    try {
      migrate(db, loadMigrations(), Date.now())
      const put = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)')
      put.run('epoch', randomUUID())
      put.run(MARKS.moving, JSON.stringify(mark))
    } finally {
      db.close()
    }
    renameSync(draft, this.file)
    syncDirectory(this.directory)
    for (const name of ['bongsu.db', 'bongsu.lock']) giveToOwner(this.directory, name)
  }

  async put({ name, columns, uuid }: Table, rows: readonly Row[]): Promise<void> {
    // REPLACE, because an UPDATE would run the trigger that notes what a start has written.
    const values = columns.map((column) => (column === uuid ? 'unhex(?)' : '?')).join(', ')
    this.#each(`INSERT OR REPLACE INTO ${name} (${columns.join(', ')}) VALUES (${values})`, rows, columns)
  }

  async remove({ name, key, uuid }: Table, rows: readonly Row[]): Promise<void> {
    const where = key.map((column) => `${column} = ${column === uuid ? 'unhex(?)' : '?'}`).join(' AND ')
    this.#each(`DELETE FROM ${name} WHERE ${where}`, rows, key)
  }

  #each(sql: string, rows: readonly Row[], columns: readonly string[]): void {
    const writer = this.#writer as DatabaseSync
    const statement = writer.prepare(sql)
    writer.exec('BEGIN IMMEDIATE')
    try {
      for (const row of rows) statement.run(...columns.map((column) => row[column] as SQLInputValue))
      writer.exec('COMMIT')
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK')
      throw error
    }
  }

  async putKeys(keys: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const name of KEY_NAMES) {
      const key = keys.get(name)
      if (key === undefined) continue
      await writeKeyFile(keyFileIn(this.directory, name), key)
      giveToOwner(this.directory, basename(keyFileIn(this.directory, name)))
    }
  }

  async settle(): Promise<void> {
    if (this.reader.isTransaction) this.reader.exec('COMMIT')
    all((this.#writer as DatabaseSync).prepare('PRAGMA wal_checkpoint(TRUNCATE)'))
  }

  async finish(): Promise<void> {
    const writer = this.#writer as DatabaseSync
    this.closeReader()
    writer.exec('PRAGMA synchronous = FULL')
    writer.prepare('DELETE FROM meta WHERE key = ?').run(MARKS.moving)
    writer.close()
    this.#writer = null
  }

  override async close(): Promise<void> {
    this.closeReader()
    this.#writer?.close()
    this.#unlock?.()
  }
}
