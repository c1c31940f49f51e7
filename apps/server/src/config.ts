import { LIMITS, type Reach } from '@bongsu/protocol'
import {
  describeSettings as describe,
  list,
  LOG_LEVELS,
  oneOf,
  ownEnvironment,
  Problem,
  proxies,
  readSettings,
  setting,
  text,
  whole,
  type Values,
} from '@bongsu/settings'

function origins(value: string): readonly string[] | Problem {
  const wrong = list(value).find((origin) => !/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
  return wrong === undefined ? list(value) : new Problem(`must list origins such as https://talk.example.kr, without a path; "${wrong}" is not one`)
}

const word = (max: number) => (value: string) =>
  /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value) && value.length <= max
    ? value
    : new Problem(`must be at most ${max} lower-case letters, digits and single hyphens`)

function key(value: string): string | Problem {
  return /^[A-Za-z0-9_-]{32,128}$/.test(value) ? value : new Problem('must be 32 to 128 letters, digits, hyphens or underscores')
}

function databaseUrl(value: string): string | Problem {
  const url = /^postgres(?:ql)?:\/\//.test(value) && value.length <= 2_000 && URL.canParse(value) ? new URL(value) : null
  const isWhole = url !== null && url.pathname.length > 1
  return isWhole ? value : new Problem('must be an address such as postgres://user:password@db.example.kr/bongsu, with the name of the database')
}

/** Most NATS servers that can be named. Others of their cluster are found through them. */
const NATS_SERVERS_MAX = 16

function natsServers(value: string): readonly string[] | Problem {
  const servers = list(value)
  const schemes = new Set(servers.map((server) => /^(?:nats|tls):(?=\/\/[^/?#@]+$)/.exec(server)?.[0]))
  const isFine = servers.every((server) => URL.canParse(server.replace(/^[a-z]+:/, 'http:'))) && schemes.size === 1 && !schemes.has(undefined)
  return isFine && servers.length <= NATS_SERVERS_MAX
    ? servers
    : new Problem(
        `must be up to ${NATS_SERVERS_MAX} addresses such as nats://10.0.0.5:4222, all with nats:// or all with tls://, and without a password`,
      )
}

function pageUrl(value: string): string | Problem {
  const url = /^https?:/.test(value) && URL.canParse(value) && value.length <= 500 ? new URL(value) : null
  // The exact form that browsers send, so that an address has one spelling: no user name, no query.
  const plain = url !== null && url.username === '' && value === `${url.origin}${url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')}`
  return plain ? value : new Problem('must be an address such as https://status.example.kr, without a trailing slash, a query or a user name')
}

export const SETTINGS = {
  port: setting<number>({ env: 'BONGSU_PORT', default: 8080, about: 'TCP port to listen on; 0 picks a free one.', read: whole(0, 65_535) }),
  host: setting<string>({
    env: 'BONGSU_HOST',
    default: '127.0.0.1',
    about: 'Address to listen on. By default only this machine can connect. Other machines should use a TLS proxy.',
    read: text(255),
  }),
  data: setting<string>({
    env: 'BONGSU_DATA',
    default: './data',
    about: 'Folder for the database and the keys. It is created when missing. With PostgreSQL it holds no messages.',
    read: text(4_096),
  }),
  database: setting<string | null>({
    env: 'BONGSU_DATABASE',
    default: null,
    defaultText: 'SQLite, in a file of the data folder',
    about: 'Address of a PostgreSQL database, such as postgres://user:password@db.example.kr/bongsu, which several server processes may share.',
    read: databaseUrl,
  }),
  databaseUnsafe: setting<'refuse' | 'allow'>({
    env: 'BONGSU_DATABASE_UNSAFE',
    default: 'refuse',
    about:
      'Whether a PostgreSQL server that could lose confirmed messages (fsync, full_page_writes or synchronous_commit off) is refused: refuse, or allow.',
    read: oneOf('refuse', 'allow'),
  }),
  name: setting<string>({ env: 'BONGSU_NAME', default: '봉수', about: 'Name of this server, shown to visitors.', read: text(40) }),
  origins: setting<readonly string[]>({
    env: 'BONGSU_ORIGINS',
    default: [],
    defaultText: 'http://localhost and http://127.0.0.1 with the port',
    about: 'Exact origins from which browsers may connect, separated by commas. Links use the first one.',
    read: origins,
  }),
  registration: setting<'invite' | 'open'>({
    env: 'BONGSU_REGISTRATION',
    default: 'invite',
    about: 'Who may join: people with an invite link, or everybody.',
    read: oneOf('invite', 'open'),
  }),
  reach: setting<Reach>({
    env: 'BONGSU_REACH',
    default: 'acquainted',
    about:
      'Who reaches a new account without being asked, until it chooses itself: everyone, its friends and people in a chat with it, or its friends.',
    read: oneOf('everyone', 'acquainted', 'friends'),
  }),
  trustedProxies: setting<readonly string[]>({
    env: 'BONGSU_TRUSTED_PROXIES',
    default: [],
    about: 'Proxies whose X-Forwarded-For is trusted: addresses, ranges, or the word loopback, separated by commas.',
    read: proxies,
  }),
  connectionsMax: setting<number>({
    env: 'BONGSU_CONNECTIONS_MAX',
    default: 16_000,
    about: 'Most simultaneous device connections. Keep it 3,000 below the limit of open files, for plain requests and the database.',
    read: whole(1, 1_000_000),
  }),
  hellosPerSecond: setting<number>({
    env: 'BONGSU_HELLOS_PER_SECOND',
    default: 2_000,
    about: 'Most devices admitted in one second. Further devices get a turn. A busy machine admits fewer, down to a tenth.',
    read: whole(1, 1_000_000),
  }),
  heartbeatMs: setting<number>({
    env: 'BONGSU_HEARTBEAT_MS',
    default: 25_000,
    about: 'Milliseconds between two heartbeats of a connection.',
    read: whole(200, 120_000),
  }),
  framesPerSecond: setting<number>({
    env: 'BONGSU_FRAMES_PER_SECOND',
    default: 50,
    about: 'Frames one connection may send in a second, on average.',
    read: whole(1, 1_000_000),
  }),
  framesBurst: setting<number>({
    env: 'BONGSU_FRAMES_BURST',
    default: 300,
    about: 'Frames one connection may send at once.',
    read: whole(1, 1_000_000),
  }),
  requestsPerMinute: setting<number>({
    env: 'BONGSU_REQUESTS_PER_MINUTE',
    default: 600,
    about: 'HTTP requests one account may make in a minute.',
    read: whole(1, 1_000_000),
  }),
  openRequestsPerMinute: setting<number>({
    env: 'BONGSU_OPEN_REQUESTS_PER_MINUTE',
    default: 120,
    about: 'HTTP requests one address may make in a minute without being signed in.',
    read: whole(1, 1_000_000),
  }),
  signInFailuresPerHandle: setting<number>({
    env: 'BONGSU_SIGN_IN_FAILURES_PER_HANDLE',
    default: 10,
    about: 'Failed sign-ins of strangers to one account in 15 minutes, before they are slowed to one try in 30 s.',
    read: whole(1, 10_000),
  }),
  signInFailuresPerAddress: setting<number>({
    env: 'BONGSU_SIGN_IN_FAILURES_PER_ADDRESS',
    default: 50,
    about: 'Failed sign-ins of strangers from one address in 15 minutes, before they are slowed to one try in 5 s.',
    read: whole(1, 10_000),
  }),
  textBytesPerHour: setting<number>({
    env: 'BONGSU_TEXT_BYTES_PER_HOUR',
    default: LIMITS.textBytesPerHourMax,
    about: 'Most bytes that one account may write in an hour, with all its devices. One conversation takes ten times as much.',
    read: whole(100_000, 1_000_000_000_000),
  }),
  diskReserveBytes: setting<number>({
    env: 'BONGSU_DISK_RESERVE_BYTES',
    default: 1_000_000_000,
    about: 'Free bytes on the disk of the data folder, a tenth of it at most, that only running conversations may use; 0 for none.',
    read: whole(0, 1_000_000_000_000),
  }),
  databaseBytesMax: setting<number>({
    env: 'BONGSU_DATABASE_BYTES_MAX',
    default: 0,
    defaultText: 'none',
    about: 'Bytes that a PostgreSQL database may grow to, so that the reserve holds for it too. Its disk cannot be seen from here.',
    read: whole(0, 1_000_000_000_000_000),
  }),
  cell: setting<string>({
    env: 'BONGSU_CELL',
    default: 'main',
    about: 'Name of this server’s share of the people, part of its figures: lower-case letters, digits and hyphens.',
    read: word(40),
  }),
  nats: setting<readonly string[]>({
    env: 'BONGSU_NATS',
    default: [],
    defaultText: 'none: a single server process',
    about: 'Addresses of NATS servers, separated by commas, for several server processes on one PostgreSQL database.',
    read: natsServers,
  }),
  natsCredentials: setting<string | null>({
    env: 'BONGSU_NATS_CREDENTIALS',
    default: null,
    defaultText: 'none',
    about: 'Secret for the NATS servers: user:password, or a token.',
    read: text(1_000),
  }),
  sentinelKey: setting<string | null>({
    env: 'BONGSU_SENTINEL_KEY',
    default: null,
    defaultText: 'created at the first start, in the file sentinel-key of the data folder',
    about: 'Secret with which the sentinel asks for figures and for its canaries: 32 to 128 letters, digits, hyphens or underscores.',
    read: key,
  }),
  statusUrl: setting<string | null>({
    env: 'BONGSU_STATUS_URL',
    default: null,
    defaultText: 'none; npm start sets its own sentinel’s address for people on this machine',
    about: 'Public address of the sentinel’s pages, without a trailing slash. The app looks there for incidents.',
    read: pageUrl,
  }),
  clock: setting<'check' | 'trust'>({
    env: 'BONGSU_CLOCK',
    default: 'check',
    about: 'Whether a clock that seems wrong is trusted: check, or trust after the server was off for more than 30 days and its clock is right.',
    read: oneOf('check', 'trust'),
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    env: 'BONGSU_LOG',
    default: 'info',
    about: 'Least level of log lines on standard output. Log lines never contain the contents of conversations.',
    read: oneOf(...LOG_LEVELS),
  }),
}

export type Config = Values<typeof SETTINGS>

/** The sentinel's settings have the same prefix and are often in the same file. */
const isOurs = (name: string): boolean => name.startsWith('BONGSU_') && !name.startsWith('BONGSU_STATUS_')

/**
 * Reads all settings. Every problem is reported, not only the first. An unknown BONGSU_ name is a problem, because it is nearly always a typing
 * error.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReturnType<typeof readSettings<typeof SETTINGS>> {
  return readSettings(SETTINGS, env, isOurs)
}

/** The part of a shared environment that belongs to this program. */
export function environmentOf(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return ownEnvironment(SETTINGS, env, (each) => each.startsWith('BONGSU_'))
}

/** The settings as lines of text, for `--help` and .env.example. */
export function describeSettings(): string {
  return describe(SETTINGS)
}
