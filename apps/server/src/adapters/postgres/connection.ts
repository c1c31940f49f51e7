import pg from 'pg'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { DatabaseFault, faultOf, IN_FAILED_TRANSACTION, TRANSACTION_ROLLBACK, WAIT_CANCELLED } from './postgres-faults.ts'

/** How a connection is used. Hot paths are look-ups by index, whatever the statistics of a young table say. */
export type Use = 'write' | 'read' | 'sql' | 'migrate'

/** `int8` and `numeric` as numbers: every number of the schema is a safe integer. */
const types = new pg.TypeOverrides()
for (const oid of [pg.types.builtins.INT8, pg.types.builtins.NUMERIC]) types.setTypeParser(oid, Number)

const BY_INDEX = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan;`

// No timeout may end a COMMIT: what it has written would be visible before it is replicated. A dead client is found by its idle transaction, and a dead
// network by probes of the connection. A commit whose wait for a standby was cancelled says so by a warning alone [O13].
const COMMON = `
  SET default_transaction_isolation = 'read committed';
  SET client_connection_check_interval = 0; SET idle_session_timeout = 0; SET jit = off; SET standard_conforming_strings = on;
  SET client_min_messages = warning;
  SET lock_timeout = ${POSTGRES_BOUNDS.lockMsMax}; SET idle_in_transaction_session_timeout = ${POSTGRES_BOUNDS.idleInTransactionMsMax};
  SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;`

const SETTINGS: Readonly<Record<Use, string>> = {
  write: COMMON + BY_INDEX,
  sql: COMMON,
  migrate: COMMON,
  read: `${COMMON}${BY_INDEX} SET default_transaction_read_only = on;`,
}

/** While a connection is opened nothing is written, so its first commit may be ended. A migration waits for the standby as long as it takes. */
const patience = (use: Use, isOpening: boolean): string => {
  const opening = use === 'migrate' ? 0 : POSTGRES_BOUNDS.firstCommitMsMax
  return `SET statement_timeout = ${isOpening ? opening : use === 'read' ? POSTGRES_BOUNDS.readMsMax : 0};`
}

/** A statement that is prepared once on each connection, under its name. */
export interface Prepared {
  readonly name: string
  readonly text: string
}

/** One connection to the server, with the settings of its use. Statements may be sent before earlier ones are answered. */
export class Connection {
  readonly #client: pg.Client
  #isOpen = true
  #confirming = false
  #wasCancelled = false
  /** The newest fault that is not the consequence of an earlier one. */
  #failure: Error | null = null

  private constructor(client: pg.Client) {
    this.#client = client
    // Each statement in flight is told of a broken connection by itself.
    client.on('error', () => (this.#isOpen = false))
    client.on('end', () => (this.#isOpen = false))
    // Every warning without a code of its own has this one too, such as the one about sorting rules at connecting.
    client.on('notice', ({ code }) => (this.#wasCancelled ||= this.#confirming && code === WAIT_CANCELLED))
  }

  /** @param check is done on the new connection before it serves anybody. */
  static async open(url: string, use: Use, check?: (connection: Connection) => Promise<void>): Promise<Connection> {
    const connection = new Connection(
      new pg.Client({
        connectionString: url,
        application_name: `bongsu ${use}`,
        pipeline: true,
        types,
        keepAlive: true,
        keepAliveInitialDelayMillis: POSTGRES_BOUNDS.keepAliveMs,
        connectionTimeoutMillis: POSTGRES_BOUNDS.connectMsMax,
        // The server ends a slow read first. This is for a server that does not answer at all.
        ...(use === 'read' ? { query_timeout: 2 * POSTGRES_BOUNDS.readMsMax } : {}),
      }),
    )
    const givenUp = use === 'migrate' ? undefined : setTimeout(() => connection.cut(), POSTGRES_BOUNDS.openMsMax)
    try {
      await connection.#client.connect()
      await connection.run(SETTINGS[use] + patience(use, true))
      await check?.(connection)
      await connection.run(patience(use, false))
      return connection
    } catch (error) {
      connection.cut()
      throw faultOf(error)
    } finally {
      clearTimeout(givenUp)
    }
  }

  /** As the server named it at connecting. */
  get #processId(): number {
    return (this.#client as unknown as { processID: number }).processID
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Rejects with DatabaseFault. Of statements sent ahead in one transaction, each rejects with the fault of the first that failed. */
  async query<Row extends object>(statement: string | Prepared, values: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    const named = typeof statement === 'string' ? { text: statement } : statement
    try {
      return await this.#client.query<Row>({ ...named, values: [...values] })
    } catch (error) {
      const fault = faultOf(error)
      if (fault instanceof DatabaseFault && fault.sqlState === IN_FAILED_TRANSACTION) throw this.#failure ?? fault
      this.#failure = fault
      throw fault
    }
  }

  /** Runs statements without parameters and without an answer. */
  async run(sql: string): Promise<void> {
    await this.query(sql, [])
  }

  /** Ends the transaction. Rejects unless it is durable: in any other case it is not known whether it is. */
  async commit(): Promise<void> {
    if ((await this.confirm('COMMIT')) !== 'COMMIT') throw new DatabaseFault('the transaction was rolled back', TRANSACTION_ROLLBACK)
  }

  /** Runs a statement that commits. When somebody ends its wait for a standby, it rejects and the connection ends. @returns the command that was done. */
  async confirm(sql: string, values: readonly unknown[] = []): Promise<string> {
    this.#confirming = true
    const { command } = await this.query(sql, values).finally(() => (this.#confirming = false))
    if (!this.#wasCancelled) return command
    this.cut()
    throw new DatabaseFault('nobody has confirmed the transaction: its wait for a standby was cancelled', WAIT_CANCELLED)
  }

  /** Whether statements are done by the server process that the connection began with, and not by whichever a pooler gives them. */
  async isDirect(): Promise<boolean> {
    return (await this.query<{ pid: number }>('SELECT pg_backend_pid() AS pid', [])).rows[0]?.pid === this.#processId
  }

  /** Whether the server still works on this connection, as another one sees it. */
  async isAtWork(read: <Answer>(job: (other: Connection) => Promise<Answer>) => Promise<Answer>): Promise<boolean> {
    const pid = this.#processId
    return read(
      async (other) => (await other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pid])).rowCount === 1,
    ).catch(() => false)
  }

  /** Ends the connection without waiting for the server. What it was asked for is then unknown. */
  cut(): void {
    this.#isOpen = false
    const { stream } = (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection
    stream.destroy()
  }

  async close(): Promise<void> {
    if (this.#isOpen) await this.#client.end().catch(() => undefined)
    this.#isOpen = false
  }
}
