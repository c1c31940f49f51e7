import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, runProgram, startProgram, type Started } from './peer.ts'

export interface Postgres extends Started {
  readonly port: number
  readonly user: string
  readonly database: string
  run(sqlFile: string): Promise<void>
  /** Rows of a table. */
  count(table: string): Promise<number>
}

const USER = 'bench'
const DATABASE = 'bench'

/** Newest installed one; Debian keeps its programs apart from the path. */
function programs(): string | undefined {
  return globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)
}

export function postgresMissing(): string | null {
  return programs() === undefined ? 'postgresql' : null
}

/** PostgreSQL as it is by default: every commit is fsynced before it is answered. It refuses to be root, so that it runs as its own user. */
export async function startPostgres(folder: string): Promise<Postgres> {
  const bin = programs()
  if (bin === undefined) throw new Error('PostgreSQL is not installed.')
  const data = join(folder, 'postgres')
  mkdirSync(data)
  chmodSync(folder, 0o755)
  const owner = ownerOf()
  if (owner !== null) chownSync(data, owner.uid, owner.gid)
  await runProgram(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', USER, '-E', 'UTF8', '--locale=C.UTF-8'], { ...owner, cwd: '/' })
  const port = await freePort()
  const started = await startProgram(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data, '-c', 'max_connections=60'],
    port,
    // At once, with all its processes and what it holds of the kernel's memory.
    { ...owner, cwd: '/', endedBy: 'SIGQUIT' },
  )
  const client = ['-h', '127.0.0.1', '-p', String(port), '-U', USER]
  const create = (): Promise<boolean> =>
    runProgram(join(bin, 'createdb'), [...client, DATABASE]).then(
      () => true,
      () => false,
    )
  for (let tries = 0; !(await create()); tries++) {
    if (tries === 50) throw new Error(`PostgreSQL does not answer. It said: ${started.said()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    ...started,
    port,
    user: USER,
    database: DATABASE,
    async run(sqlFile) {
      await runProgram(join(bin, 'psql'), [...client, '-q', '-d', DATABASE, '-v', 'ON_ERROR_STOP=1', '-f', sqlFile])
    },
    count: async (table) => Number(await runProgram(join(bin, 'psql'), [...client, '-At', '-d', DATABASE, '-c', `SELECT count(*) FROM ${table}`])),
  }
}

/** The user Debian made for it, when we are root; else it runs as we do. */
function ownerOf(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
