import { parseArgs } from 'node:util'
import { POSTGRES_BOUNDS } from '../adapters/postgres/bounds.ts'
import type { Config } from '../config.ts'
import { certificateCheck } from './certificate.ts'
import { fault, type Check, type Finding, type Installation } from './finding.ts'
import { machineCheck, serverCheck } from './machine.ts'
import { natsCheck } from './nats.ts'
import { patroniCheck } from './patroni.ts'
import { postgresCheck } from './postgres.ts'

const HELP = `npx bongsu doctor [OPTION]…   say what could lose data in this installation, and what to do about it

Looks at what the settings name: the server on this machine, PostgreSQL or the data folder, NATS, the public address. It changes nothing.

--patroni URL  REST address of one node of the cluster, such as http://10.0.0.11:8008. This and each of the following may be given several times
--patroni-config FILE
               the settings of that node, which alone tell whether a watchdog is required
--primary URL  address of PostgreSQL; BONGSU_DATABASE when left out
--standby URL  address of a standby of PostgreSQL, which is asked for its own settings
--backup PATH  a file, or a folder of files, whose newest one is at most 25 hours old
--disk DIR     a further folder whose disk is looked at, such as that of PostgreSQL or of the backups
--only AREA    look at this area alone: server, postgres, patroni, nats, machine or certificate
--json         one JSON object instead of text
--help         this text

Exit codes: 0 everything is good; 1 a warning; 2 something could be lost, or does not work now; 64 the command was not understood;
78 a setting is invalid.
`

const EXIT_USAGE = 64
const EXIT = { good: 0, warning: 1, fault: 2 } as const

/** All that is looked at. */
const CHECKS: readonly Check[] = [serverCheck, postgresCheck(POSTGRES_BOUNDS.versionMin), patroniCheck, natsCheck, machineCheck, certificateCheck]

export interface Surroundings {
  readonly config: Config
  readonly out: (text: string) => void
  readonly note: (text: string) => void
  /** Epoch ms. */
  readonly now: () => number
}

/** `npx bongsu doctor`. @returns the exit code. */
export async function doctor(args: readonly string[], { config, out, note, now }: Surroundings): Promise<number> {
  let options: ReturnType<typeof parse>
  try {
    options = parse(args)
  } catch (cause) {
    note(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`)
    return EXIT_USAGE
  }
  if (options.help === true) {
    out(HELP)
    return 0
  }
  const unknown = options.only?.find((area) => !CHECKS.some((check) => check.area === area))
  if (unknown !== undefined) {
    note(`There is no area ${unknown}.\n\n${HELP}`)
    return EXIT_USAGE
  }
  const findings = await examine(
    {
      server: `http://${isEverywhere(config.host) ? '127.0.0.1' : config.host}:${config.port}`,
      data: config.data,
      database: options.primary ?? config.database,
      standbys: options.standby ?? [],
      patroni: options.patroni ?? [],
      patroniConfigs: options['patroni-config'] ?? [],
      nats: config.nats,
      natsCredentials: config.natsCredentials,
      publicAddresses: [...config.origins, ...(config.statusUrl === null ? [] : [config.statusUrl])],
      backups: options.backup ?? [],
      disks: options.disk ?? [],
      now,
    },
    CHECKS.filter(({ area }) => options.only?.includes(area) ?? true),
  )
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length
  const counts = { faults: count('fault'), warnings: count('warning'), good: count('good') }
  out(options.json === true ? `${JSON.stringify({ ...counts, findings }, null, 2)}\n` : report(findings, counts))
  return counts.faults > 0 ? EXIT.fault : counts.warnings > 0 ? EXIT.warning : EXIT.good
}

/** Looks at everything at once. A check that breaks is a finding too. */
export async function examine(installation: Installation, checks: readonly Check[]): Promise<readonly Finding[]> {
  const all = checks.map(async ({ area, look }) => {
    try {
      return await look(installation)
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      return [fault(`${area}/examined`, `This could not be looked at: ${said}`, 'Nobody knows.', 'Run the command as the user of the server.')]
    }
  })
  return (await Promise.all(all)).flat()
}

function parse(args: readonly string[]) {
  const many = { type: 'string', multiple: true } as const
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    only: many,
    patroni: many,
    'patroni-config': many,
    primary: { type: 'string' },
    standby: many,
    backup: many,
    disk: many,
  } as const
  return parseArgs({ args: [...args], options }).values
}

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::'

function report(findings: readonly Finding[], { faults, warnings, good }: Record<'faults' | 'warnings' | 'good', number>): string {
  const rank = { fault: 0, warning: 1, good: 2 } as const
  const lines = findings
    .toSorted((one, other) => rank[one.level] - rank[other.level])
    .flatMap(({ level, check, what, risk, todo }) =>
      level === 'good'
        ? [`good     ${check}: ${what}`]
        : [`${level.padEnd(8)} ${check}: ${what}`, `         Risk: ${risk}`, `         Do:   ${todo}`],
    )
  return `${lines.join('\n')}\n\n${faults} faults, ${warnings} warnings, ${good} good.\n`
}
