import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DOMAIN, freePort, onPath, runningPeer, startProgram, type Peer } from './peer.ts'
import { postgresMissing, startPostgres } from './postgres.ts'

const CODE = '/usr/lib/*/ejabberd-*/ebin'

function missing(archive: boolean): string | null {
  if (!onPath('erl') || globSync(CODE).length === 0) return 'ejabberd'
  return archive ? postgresMissing() : null
}

/**
 * Started by `erl` itself: Debian's script resets the limit of open files. Without a node name, so that nothing listens but what is asked for.
 * Signing in costs nothing here (SASL PLAIN, any password): what is measured is messages. The archive of such users is removed when they leave.
 */
function ejabberd(archive: boolean, collects = false): Peer {
  return {
    name: archive ? 'ejabberd with archive' : 'ejabberd without archive',
    wire: 'xmpp',
    durability: archive
      ? 'Archived by mod_mam in PostgreSQL, each side of a message in a commit of its own, fsynced; acknowledged by XEP-0198 when the stanza was handled. Counted afterwards: of the two copies of every acknowledged message no more than one in a thousand was missing from the archive.'
      : 'None: acknowledged by XEP-0198 when the stanza was handled; what is under way is gone with the process.',
    missing: () => missing(archive),
    async start(folder) {
      const postgres = archive ? await startPostgres(folder) : null
      await postgres?.run(globSync('/usr/share/ejabberd/sql/pg.sql')[0] ?? '')
      const port = await freePort()
      const config = join(folder, 'ejabberd.yml')
      mkdirSync(join(folder, 'spool'))
      mkdirSync(join(folder, 'log'))
      const sql =
        postgres === null
          ? ''
          : `  mod_mam: {default: always, db_type: sql, request_activates_archiving: false}
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: ${postgres.port}
sql_database: ${postgres.database}
sql_username: ${postgres.user}
sql_password: ""
sql_pool_size: 10
`
      writeFileSync(
        config,
        `hosts: [${DOMAIN}]
loglevel: warning
certfiles: []
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: all, tls: false, starttls: false}
auth_method: anonymous
anonymous_protocol: login_anon
modules:
  mod_stream_mgmt: {ack_timeout: 300s, max_ack_queue: 100000, resume_timeout: 300s}
  mod_muc: {access: all, default_room_options: {persistent: false, presence_broadcast: []}, max_users: 5000, min_presence_interval: 0}
${sql}`,
      )
      const [code = ''] = globSync(CODE)
      const args = [
        '-noinput',
        '+K',
        'true',
        '+P',
        '250000',
        '-pa',
        code,
        '-mnesia',
        'dir',
        JSON.stringify(join(folder, 'spool')),
        '-s',
        'ejabberd',
        ...(collects ? collecting(join(folder, COLLECT)) : []),
      ]
      const env = { ...process.env, HOME: folder, EJABBERD_CONFIG_PATH: config, EJABBERD_LOG_PATH: join(folder, 'log', 'ejabberd.log') }
      const started = await startProgram('erl', args, port, { env, cwd: folder })
      const running = runningPeer(port, postgres === null ? [started] : [started, postgres])
      return {
        ...running,
        ...(postgres === null ? {} : { archived: () => postgres.count('archive') }),
        ...(collects ? { collect: () => collect(join(folder, COLLECT)) } : {}),
      }
    },
  }
}

/** A file that asks for garbage to be collected, and is gone when that was done. */
const COLLECT = 'collect'
const LOOKS_EVERY_MS = 100
const COLLECTS_MS = 120_000

/** Garbage of all its processes is collected when asked for; by itself it does so only when they have something to do. */
function collecting(file: string): string[] {
  const name = JSON.stringify(file)
  const all = '[erlang:garbage_collect(P) || P <- processes()]'
  const look = `case filelib:is_file(${name}) of true -> ${all}, file:delete(${name}); false -> ok end`
  return ['-eval', `spawn(fun F() -> receive after ${LOOKS_EVERY_MS} -> ${look}, F() end end).`]
}

async function collect(file: string): Promise<void> {
  writeFileSync(file, '')
  for (const until = performance.now() + COLLECTS_MS; existsSync(file); await sleep(LOOKS_EVERY_MS)) {
    if (performance.now() > until) throw new Error(`ejabberd has not collected its garbage in ${COLLECTS_MS / 1_000} s.`)
  }
}

/** For looking at its memory, not its time. */
export const ejabberdAtRest = ejabberd(false, true)
export const ejabberdWithArchive = ejabberd(true)
export const ejabberdWithoutArchive = ejabberd(false)
