import type { UnsafeSetting } from '../../store/store.ts'
import type { Connection } from './connection.ts'
import { POSTGRES_BOUNDS } from './bounds.ts'
import { Unsuitable } from './postgres-faults.ts'

interface Server {
  readonly version: number
  readonly version_text: string
  readonly replica: boolean
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  readonly encoding: string
}

/** Values of `synchronous_commit` with which a commit waits until a standby has it on its disk. */
const WAITING = ['on', 'remote_apply']

/** @returns why confirmed entries could be lost on this server; the operator may allow that. Throws when it cannot be used at all. */
export function faultsOf(server: Server): readonly UnsafeSetting[] {
  if (server.version < POSTGRES_BOUNDS.versionMin)
    throw new Unsuitable(`The database is PostgreSQL ${server.version_text}. Bongsu needs version 15 or newer; nothing was changed.`)
  if (server.replica)
    throw new Unsuitable(
      'The database is a replica, which cannot be written. Set BONGSU_DATABASE to the address of the primary; nothing was changed.',
    )
  if (server.encoding !== 'UTF8') throw new Unsuitable(`The database has the encoding ${server.encoding}. Make it with UTF8; nothing was changed.`)
  return [
    ...(server.fsync === 'on' ? [] : [{ setting: 'fsync', risk: 'fsync is off: a power cut could lose messages and damage the database.' }]),
    ...(server.full_page_writes === 'on'
      ? []
      : [{ setting: 'full_page_writes', risk: 'full_page_writes is off: a power cut could damage the database.' }]),
    ...(WAITING.includes(server.synchronous_commit)
      ? []
      : [
          {
            setting: 'synchronous_commit',
            risk: `synchronous_commit is ${server.synchronous_commit}: messages could be lost that were confirmed.`,
          },
        ]),
  ]
}

/**
 * Before a connection serves anybody: is this a server that keeps what it confirms [O12], and is everything confirmed that it shows [D11]? After a
 * crash, a server shows what no standby has yet. @param unsafe 'refuse' or 'allow', chosen by the operator. @returns what it could lose.
 */
export async function checkServer(connection: Connection, unsafe: 'refuse' | 'allow'): Promise<readonly UnsafeSetting[]> {
  const { rows } = await connection.query<Server>(SERVER, [])
  const server = rows[0] as Server
  if (!(await connection.isDirect()))
    throw new Unsuitable(
      'A connection pooler stands before the database, and gives transactions to connections that Bongsu has not checked. Set BONGSU_DATABASE to the address of PostgreSQL itself; nothing was changed.',
    )
  const faults = faultsOf(server)
  if (faults.length > 0 && unsafe === 'refuse')
    throw new Unsuitable(
      `${faults.map(({ risk }) => risk).join(' ')} Correct the server's settings, or set BONGSU_DATABASE_UNSAFE=allow knowingly; nothing was changed.`,
    )
  // A value of its own outlives a change of the server's [O12].
  if (WAITING.includes(server.synchronous_commit)) await connection.run(`SET synchronous_commit = ${server.synchronous_commit}`)
  await connection.confirm(BARRIER)
  return faults
}

const SERVER = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS version_text,
  pg_is_in_recovery() AS replica, current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
  current_setting('synchronous_commit') AS synchronous_commit, current_setting('server_encoding') AS encoding`

/**
 * Writes nothing but a record into the write-ahead log, whose commit waits for the synchronous standby as any other. Once it is confirmed, everything
 * committed before it is confirmed as well.
 */
const BARRIER = "SELECT pg_logical_emit_message(true, 'bongsu', '')"
