import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Connection } from '../../apps/server/src/adapters/postgres/connection.ts'
import { freePort } from '../e2e/free-port.ts'
import { waitFor } from '../e2e/wait-for.ts'

/** A PostgreSQL server of a test's own, on loopback. */
export interface PostgresServer {
  readonly port: number
  readonly folder: string
  /** Address of a database on it. */
  url(database: string): string
  /** Makes an empty database, or a copy of one that nobody uses. @returns its address. */
  makeDatabase(copyOf?: string): Promise<string>
  /** Runs a statement in the database of an address, as the server's administrator. */
  run(url: string, sql: string): Promise<readonly Record<string, unknown>[]>
  /** SIGKILL for every process of the server, as in a crash of the machine, but for the memory of its disks. */
  kill(): Promise<void>
  start(settings?: Readonly<Record<string, string>>): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes its folder. */
  remove(): Promise<void>
}

const START_MS = 30_000

/** Debian has the server's programs in a folder for each version. */
export function binFolder(): string {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => `/usr/lib/postgresql/${version}/bin`).find((folder) => existsSync(join(folder, 'initdb')))
  assert(found, 'PostgreSQL is missing: apt-get install postgresql')
  return found
}

/** The server refuses to run as root. Its package has brought a user for it. */
export function owner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout))
  return { uid: uid!, gid: gid! }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGQUIT')
})

/** What each try to connect gets until the server is there. */
const AWAITED = /.*(?:is starting up|not yet accepting connections|Consistent recovery state).*\n/g

/** @param copyOf the address of a primary: the new server becomes its standby. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}, copyOf?: PostgresServer): Promise<PostgresServer> {
  const bin = binFolder()
  const as = owner()
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-postgres-'))
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid!)
  const data = join(folder, 'data')
  const port = await freePort()
  const made =
    copyOf === undefined
      ? spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'bongsu', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
          ...as,
          encoding: 'utf8',
        })
      : spawnSync(
          join(bin, 'pg_basebackup'),
          ['-D', data, '-h', '127.0.0.1', '-p', String(copyOf.port), '-U', 'bongsu', '-c', 'fast', '-R', '--no-sync'],
          { ...as, encoding: 'utf8' },
        )
  assert.equal(made.status, 0, made.stderr)
  let set = settings
  let child: ChildProcess | null = null
  let said = ''
  const admin = url('postgres')

  function url(database: string): string {
    return `postgres://bongsu@127.0.0.1:${port}/${database}`
  }

  async function run(address: string, sql: string): Promise<readonly Record<string, unknown>[]> {
    const connection = await Connection.open(address, 'migrate')
    try {
      return (await connection.query<Record<string, unknown>>(sql, [])).rows
    } finally {
      await connection.close()
    }
  }

  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    set = { ...set, ...more }
    const all = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: folder,
      shared_buffers: '32MB',
      max_connections: '60',
      recovery_init_sync_method: 'syncfs',
      ...set,
    }
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const one = spawn(join(bin, 'postgres'), ['-D', data, ...args], { ...as, stdio: ['ignore', 'ignore', 'pipe'] })
    one.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text.replace(AWAITED, '')}`.slice(-20_000)))
    running.add(one)
    one.once('exit', () => running.delete(one))
    child = one
    await waitFor(
      () => `PostgreSQL: ${said}`,
      async () => {
        // Its last words come after its end.
        if (one.exitCode !== null) await setTimeout(100)
        assert(one.exitCode === null, `the server ended: ${said}`)
        return run(admin, 'SELECT 1').then(
          () => true,
          () => false,
        )
      },
      { withinMs: START_MS },
    )
  }

  async function ended(signal: NodeJS.Signals): Promise<void> {
    const one = child
    child = null
    if (one === null || one.exitCode !== null || one.signalCode !== null) return
    const exit = new Promise((resolve) => one.once('exit', resolve))
    one.kill(signal)
    await exit
  }

  await start().catch(async (error: unknown) => {
    await ended('SIGQUIT')
    throw error
  })
  return {
    port,
    folder,
    url,
    run,
    start,
    async makeDatabase(of) {
      const name = `b${randomBytes(6).toString('hex')}`
      await run(admin, `CREATE DATABASE ${name}${of === undefined ? '' : ` TEMPLATE ${new URL(of).pathname.slice(1)}`}`)
      return url(name)
    },
    async kill() {
      const pid = child?.pid
      // Its processes would end by themselves without the first one, but not at once.
      const all = pid === undefined ? [] : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
      const exit = ended('SIGKILL')
      for (const one of all) process.kill(Number(one), 'SIGKILL')
      await exit
    },
    stop: () => ended('SIGINT'),
    async remove() {
      await ended('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
