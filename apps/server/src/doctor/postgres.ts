import pg from 'pg'
import { DOCTOR_BOUNDS } from './bounds.ts'
import { fault, judged, warning, type Check, type Finding, type Installation } from './finding.ts'

/** What one server says about itself. */
interface Facts {
  readonly version: string
  readonly versionNumber: number
  readonly isReplica: boolean
  readonly synchronousCommit: string
  readonly synchronousNames: string
  readonly fsync: string
  readonly fullPageWrites: string
  readonly dataChecksums: string
  readonly restartAfterCrash: string
  /** Epoch ms by the server's clock. */
  readonly serverNow: number
  /** Whether this user may see the state of standbys. */
  readonly maySee: boolean
  /** Attached standbys. The state of a streaming one is async, potential, sync or quorum; the last two confirm commits. */
  readonly standbys: readonly { readonly name: string; readonly state: string | null }[]
}

const FACTS = `SELECT current_setting('server_version') AS "version", current_setting('server_version_num')::int AS "versionNumber",
  pg_is_in_recovery() AS "isReplica", current_setting('synchronous_commit') AS "synchronousCommit",
  current_setting('synchronous_standby_names') AS "synchronousNames", current_setting('fsync') AS "fsync",
  current_setting('full_page_writes') AS "fullPageWrites", current_setting('data_checksums') AS "dataChecksums",
  current_setting('restart_after_crash') AS "restartAfterCrash", (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "serverNow",
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "maySee",
  coalesce((SELECT json_agg(json_build_object('name', application_name, 'state', CASE state WHEN 'streaming' THEN sync_state END))
    FROM pg_stat_replication), '[]') AS "standbys"`

const ON_DISK = 'A power cut or a crash of its machine loses what was accepted, or damages the whole database.'
const ON_ONE = 'What was accepted is on one machine only, and is lost with it.'

/** The mandatory settings of every server of a cluster. */
function ofEach(check: string, facts: Facts, versionMin: number): readonly Finding[] {
  return [
    judged(
      facts.versionNumber >= versionMin,
      fault(`${check}/version`, `PostgreSQL is ${facts.version}.`, 'The version is too old: Bongsu refuses to start on it.', 'Upgrade PostgreSQL.'),
    ),
    judged(
      facts.fsync === 'on',
      fault(`${check}/fsync`, `fsync is ${facts.fsync}.`, ON_DISK, 'Set fsync = on, restart PostgreSQL, and make a new backup.'),
    ),
    judged(
      facts.fullPageWrites === 'on',
      fault(`${check}/full_page_writes`, `full_page_writes is ${facts.fullPageWrites}.`, ON_DISK, 'Set full_page_writes = on and reload PostgreSQL.'),
    ),
    judged(
      facts.dataChecksums === 'on',
      warning(
        `${check}/data_checksums`,
        `data_checksums is ${facts.dataChecksums}.`,
        'A disk that alters data is not noticed, and the damage goes into the backups.',
        'Stop one node after the other, the primary last after a switchover, and run pg_checksums --enable on its data folder.',
      ),
    ),
  ]
}

/** What holds for the primary alone. */
function ofPrimary(facts: Facts): readonly Finding[] {
  const confirming = facts.standbys.filter(({ state }) => state === 'sync' || state === 'quorum').length
  const needed = Number(/^\s*(?:(?:first|any)\s+)?(\d+)\s*\(/i.exec(facts.synchronousNames)?.[1] ?? 1)
  const names = facts.standbys.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const isSynchronous = facts.synchronousNames.trim() !== ''
  const attached = `${confirming} of ${facts.standbys.length} attached standbys can confirm commits, and ${needed} must.`
  return [
    judged(
      facts.synchronousCommit === 'on' || facts.synchronousCommit === 'remote_apply',
      fault(
        'postgres/synchronous_commit',
        `synchronous_commit is ${facts.synchronousCommit} for this user and database.`,
        ON_ONE,
        'Set synchronous_commit = on, and look for ALTER ROLE … SET and ALTER DATABASE … SET that change it (\\drds in psql).',
      ),
    ),
    judged(
      isSynchronous,
      fault(
        'postgres/synchronous_standby_names',
        isSynchronous
          ? `synchronous_standby_names is ${facts.synchronousNames}.`
          : 'synchronous_standby_names is empty: replication is asynchronous.',
        ON_ONE,
        'With Patroni set synchronous_mode and synchronous_mode_strict to true; without it set synchronous_standby_names.',
      ),
    ),
    ...(isSynchronous ? [standbyFinding()] : []),
    judged(
      facts.restartAfterCrash === 'off' || !isSynchronous,
      fault(
        'postgres/restart_after_crash',
        `restart_after_crash is ${facts.restartAfterCrash}.`,
        'A crash of one process of PostgreSQL ends the waiting for the standby, and what it waited for counts as done. It is lost with the machine.',
        'Set restart_after_crash = off: Patroni or systemd starts the server again.',
      ),
    ),
    judged(
      twice === undefined,
      fault(
        'postgres/names',
        twice === undefined ? 'Each attached standby has a name of its own.' : `Two attached standbys have the name ${twice}.`,
        'PostgreSQL counts them as one. The one that confirms may not be the one that Patroni makes the primary.',
        'Give each a name of its own: name in patroni.yml, or application_name in primary_conninfo.',
      ),
    ),
  ]

  function standbyFinding(): Finding {
    const check = 'postgres/standby'
    if (!facts.maySee)
      return warning(
        check,
        'This user may not see whether a standby confirms commits.',
        'An outage that comes is not seen here.',
        'Run GRANT pg_read_all_stats TO the user of BONGSU_DATABASE.',
      )
    if (confirming < needed)
      return fault(
        check,
        attached,
        'Nothing is lost, but every write waits: nobody can send a message.',
        'Start the standbys: docs/runbooks/standby-gone.md.',
      )
    return judged(
      confirming > needed,
      warning(check, attached, 'When one more standby fails, every write waits: nobody can send a message.', 'Add a standby: three data nodes.'),
    )
  }
}

async function ask(address: string): Promise<Facts> {
  const client = new pg.Client({
    connectionString: address,
    application_name: 'bongsu doctor',
    connectionTimeoutMillis: DOCTOR_BOUNDS.askMs,
    query_timeout: DOCTOR_BOUNDS.askMs,
  })
  // A connection that breaks while nothing is asked.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const [facts] = (await client.query<Facts>(FACTS)).rows
    if (facts === undefined) throw new Error('the server answered with nothing')
    return facts
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function examine(check: string, address: string, isPrimary: boolean, { now }: Installation, versionMin: number): Promise<readonly Finding[]> {
  const at = new URL(address).host
  let facts: Facts
  let offMs: number
  try {
    const before = now()
    facts = await ask(address)
    offMs = Math.round(facts.serverNow - (before + now()) / 2)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    return [
      isPrimary
        ? fault(
            `${check}/reached`,
            `PostgreSQL at ${at} cannot be asked: ${said}`,
            'Nobody can send a message.',
            'See docs/runbooks/primary-lost.md.',
          )
        : fault(`${check}/reached`, `The standby at ${at} cannot be asked: ${said}`, 'It may not hold what was accepted.', 'Start it.'),
    ]
  }
  const isRole = facts.isReplica !== isPrimary
  const role = fault(
    `${check}/role`,
    `${at} is a ${facts.isReplica ? 'replica' : 'primary'}.`,
    isPrimary
      ? 'It takes no writes: nobody can send a message.'
      : 'Two primaries accept different things, and one of the two histories will be lost.',
    isPrimary
      ? 'Let BONGSU_DATABASE lead to the primary, as deploy/haproxy.cfg does.'
      : 'If it should be a standby, stop it at once, keep its data folder, and see docs/runbooks/primary-lost.md.',
  )
  const clock = fault(
    `${check}/clock`,
    `The clock of ${at} is ${(Math.abs(offMs) / 1_000).toFixed(1)} s ${offMs < 0 ? 'behind' : 'ahead of'} the clock here.`,
    'Messages get a wrong time, limits end too early or too late, and leases of Patroni and tokens expire at the wrong time.',
    'Let chrony or systemd-timesyncd keep the time on both machines: timedatectl shows the state.',
  )
  return [
    judged(isRole, role),
    ...ofEach(check, facts, versionMin),
    ...(isPrimary && isRole ? ofPrimary(facts) : []),
    judged(Math.abs(offMs) < DOCTOR_BOUNDS.clocksApartMs, clock),
  ]
}

/** @param versionMin oldest version, as in `server_version_num`. */
export const postgresCheck = (versionMin: number): Check => ({
  area: 'postgres',
  async look(installation) {
    const { database, standbys } = installation
    const found = [
      ...(database === null ? [] : [examine('postgres', database, true, installation, versionMin)]),
      ...standbys.map((address, index) => examine(`standby-${index + 1}`, address, false, installation, versionMin)),
    ]
    return (await Promise.all(found)).flat()
  },
})
