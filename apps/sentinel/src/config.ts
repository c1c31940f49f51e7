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
import { POSTS_MAX } from './judge/judge.ts'
import { DEFAULT_ONLINE_CHECKS, readTarget, type Target } from './probe/online.ts'

/** An address without trailing slash, query or credentials: paths are appended to it. */
function address(value: string): string | Problem {
  const url = /^https?:/.test(value) && URL.canParse(value) && value.length <= 500 ? new URL(value) : null
  if (url === null || url.username !== '' || url.password !== '' || /[?#]/.test(value))
    return new Problem('must be an address such as https://talk.example.kr, without a query or a name')
  return value.replace(/\/+$/, '')
}

function zone(value: string): string | Problem {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone
  } catch {
    return new Problem('must be a time zone such as Asia/Seoul')
  }
}

const name = (value: string): string | Problem =>
  /^[a-z0-9-]{1,32}$/.test(value) ? value : new Problem('must have at most 32 lower-case letters, digits and hyphens')

const secret = (value: string): string | Problem =>
  /^[\w-]{32,128}$/.test(value) ? value : new Problem('must be 32 to 128 letters, digits, hyphens or underscores')

/** Hosts and ports that are asked to find out whether this place has a network. */
function targets(value: string): readonly Target[] | Problem {
  if (value.trim() === 'none') return []
  const found: Target[] = []
  for (const part of list(value)) {
    const target = readTarget(part)
    if (target === null) return new Problem(`must list host:port, or be the word none; "${part}" is neither`)
    found.push(target)
  }
  return found.length > 0 && found.length <= ONLINE_CHECKS_MAX ? found : new Problem(`must list 1 to ${ONLINE_CHECKS_MAX} hosts, or be the word none`)
}

/** Other places that may report here. Each has a name and a key of its own. */
function posts(value: string): ReadonlyMap<string, string> | Problem {
  const found = new Map<string, string>()
  for (const part of list(value)) {
    const [, post, key] = /^([a-z0-9-]{1,32})=([\w-]{32,128})$/.exec(part) ?? []
    if (post === undefined || key === undefined)
      return new Problem('must list name=key, each key of 32 to 128 letters, digits, hyphens or underscores')
    if (found.has(post)) return new Problem(`must name each place once; "${post}" appears twice`)
    found.set(post, key)
  }
  if (new Set(found.values()).size < found.size) return new Problem('must have another key for each place')
  // The main sentinel itself counts as one place.
  return found.size < POSTS_MAX ? found : new Problem(`must name at most ${POSTS_MAX - 1} places`)
}

function destinations(value: string): readonly string[] | Problem {
  const wrong = list(value).find((part) => part.startsWith('-'))
  return wrong === undefined ? list(value) : new Problem(`must list places such as user@host:/var/www/status; "${wrong}" is not one`)
}

function bucket(value: string): string | Problem {
  const read = address(value)
  if (read instanceof Problem) return read
  return new URL(read).pathname.length > 1
    ? read
    : new Problem('must be the address of a host with the bucket behind it, such as https://s3.example.kr/status')
}

function mailServer(value: string): string | Problem {
  if (!/^smtps?:\/\/.+/.test(value) || !URL.canParse(value)) return new Problem('must be an address such as smtps://mail.example.kr')
  const { username, password } = new URL(value)
  try {
    // The mailer decodes these too: a `%` that starts no valid escape means the password was typed without encoding.
    decodeURIComponent(username + password)
    return value
  } catch {
    return new Problem('must have a percent-encoded user and password: a % is written as %25')
  }
}

const ONLINE_CHECKS_MAX = 8

/** @param defaultText shown instead of a default that says nothing. */
function one<T>(env: string, value: T, about: string, read: (typed: string) => T | Problem, defaultText?: string) {
  return setting<T>({ env, default: value, about, read, ...(defaultText === undefined ? {} : { defaultText }) })
}

export const SETTINGS = {
  port: one<number>('BONGSU_STATUS_PORT', 8090, 'TCP port of the status page; 0 picks a free one.', whole(0, 65_535)),
  host: one<string>(
    'BONGSU_STATUS_HOST',
    '127.0.0.1',
    'Address the status page listens on. Put a TLS proxy before it, best on another host and under another domain than the messenger.',
    text(255),
  ),
  data: one<string>(
    'BONGSU_STATUS_DATA',
    './sentinel-data',
    'Folder of the record, the subscribers and the published files. It is created when missing.',
    text(4_096),
  ),
  server: one<string>('BONGSU_STATUS_SERVER', 'http://localhost:8080', 'Address of the watched messenger, as its users reach it.', address),
  key: one<string>(
    'BONGSU_SENTINEL_KEY',
    '',
    'The key with which the sentinel identifies itself to the messenger.',
    secret,
    'read from the file in the next setting',
  ),
  keyFile: one<string>('BONGSU_STATUS_KEY_FILE', './data/sentinel-key', 'File with that key, written by the messenger on this machine.', text(4_096)),
  name: one<string>('BONGSU_STATUS_NAME', '봉수', 'Name of the messenger, shown at the top of the page.', text(40)),
  url: one<string>('BONGSU_STATUS_URL', '', 'Public address of the status page, used in links.', address, 'http://localhost with the port'),
  contact: one<string>('BONGSU_STATUS_CONTACT', '', 'Contact for people: a phone number or an address. Every notice contains it.', text(200)),
  timeZone: one<string>('BONGSU_STATUS_TIME_ZONE', 'Asia/Seoul', 'Time zone of the page and its days.', zone),
  language: one<'ko' | 'en'>(
    'BONGSU_STATUS_LANGUAGE',
    'ko',
    'Language of machine-readable output (Statuspage API, feeds, webhooks). Pages and mails exist in both languages.',
    oneOf('ko', 'en'),
  ),
  post: one<string>('BONGSU_STATUS_POST', 'home', 'Name of this observing post.', name),
  posts: one<ReadonlyMap<string, string>>(
    'BONGSU_STATUS_POSTS',
    new Map(),
    'Other sentinels that may report to this one: name=key, separated by commas.',
    posts,
    'none',
  ),
  main: one<string>(
    'BONGSU_STATUS_MAIN',
    '',
    'Address of the main sentinel. When set, this sentinel only observes and reports there.',
    address,
    'none; this sentinel is a main sentinel',
  ),
  postKey: one<string>('BONGSU_STATUS_POST_KEY', '', 'The key with which this post identifies itself to the main sentinel.', secret, 'none'),
  onlineChecks: one<readonly Target[]>(
    'BONGSU_STATUS_ONLINE_CHECKS',
    DEFAULT_ONLINE_CHECKS.flatMap((each) => readTarget(each) ?? []),
    'Hosts that show whether this place itself is online, before others are blamed. The word none: this place always counts as online.',
    targets,
    DEFAULT_ONLINE_CHECKS.join(','),
  ),
  folder: one<string>(
    'BONGSU_STATUS_FOLDER',
    '',
    'Folder for the rendered pages, which any web server can serve.',
    text(4_096),
    'public in the data folder',
  ),
  rsync: one<readonly string[]>(
    'BONGSU_STATUS_RSYNC',
    [],
    'Destinations for rsync, such as user@host:/var/www/status, separated by commas.',
    destinations,
    'none',
  ),
  s3: one<string>('BONGSU_STATUS_S3', '', 'Address of an S3-compatible bucket for the pages, such as https://s3.example.kr/status.', bucket, 'none'),
  s3Region: one<string>('BONGSU_STATUS_S3_REGION', 'auto', 'Region of that bucket.', text(64)),
  s3KeyId: one<string>('BONGSU_STATUS_S3_KEY_ID', '', 'Access key id of that bucket.', text(256), 'none'),
  s3Secret: one<string>('BONGSU_STATUS_S3_SECRET', '', 'Secret access key of that bucket.', text(256), 'none'),
  smtp: one<string>(
    'BONGSU_STATUS_SMTP_URL',
    '',
    'Mail server for notices, such as smtps://user:password@mail.example.kr. Preferably not the messenger’s own host.',
    mailServer,
    'none; the page then offers no e-mail subscription',
  ),
  mailFrom: one<string>(
    'BONGSU_STATUS_MAIL_FROM',
    '',
    'Sender of those mails, such as status@example.kr.',
    (value) => (/^[^\s<>,@]+@[^\s<>,@]+$/.test(value) ? value : new Problem('must be one mail address')),
    'none',
  ),
  webhookPrivate: one<'refuse' | 'allow'>(
    'BONGSU_STATUS_WEBHOOK_PRIVATE',
    'refuse',
    'Whether webhooks may use private addresses and plain http.',
    oneOf('refuse', 'allow'),
  ),
  keepDays: one<number>(
    'BONGSU_STATUS_KEEP_DAYS',
    400,
    'Days for which single observations are kept. Their hashes, incidents and daily sums stay for ever.',
    whole(2, 36_500),
  ),
  proxies: one<readonly string[]>(
    'BONGSU_STATUS_TRUSTED_PROXIES',
    [],
    'Proxies whose X-Forwarded-For is trusted: addresses or ranges, or the word loopback, separated by commas.',
    proxies,
    'none',
  ),
  logLevel: one<(typeof LOG_LEVELS)[number]>(
    'BONGSU_STATUS_LOG',
    'info',
    'Least level of the sentinel’s log lines on standard output.',
    oneOf(...LOG_LEVELS),
  ),
}

export type Config = Values<typeof SETTINGS>

type Env = Readonly<Record<string, string | undefined>>

/** Reads all settings. Every problem is reported at once, also problems between settings. */
export function readConfig(env: Env): ReturnType<typeof readSettings<typeof SETTINGS>> {
  const read = readSettings(SETTINGS, env, (each) => each.startsWith('BONGSU_STATUS_'))
  const problems = [...(read.ok ? [] : read.problems), ...togetherWrong(env)]
  return problems.length > 0 ? { ok: false, problems } : read
}

/** Checks combinations of settings. It looks only at which settings are present: a wrong value is reported by its own setting. */
function togetherWrong(env: Env): readonly string[] {
  const isSet = ({ env: each }: { readonly env: string }): boolean => (env[each] ?? '') !== ''
  const { main, postKey, smtp, mailFrom, s3, s3KeyId, s3Secret, posts: others, post } = SETTINGS
  const problems: string[] = []
  if (isSet(main) && !isSet(postKey)) problems.push(`${postKey.env} must be set when ${main.env} is set.`)
  if (isSet(smtp) && !isSet(mailFrom)) problems.push(`${mailFrom.env} must be set when ${smtp.env} is set.`)
  if (isSet(s3) && !(isSet(s3KeyId) && isSet(s3Secret))) problems.push(`${s3KeyId.env} and ${s3Secret.env} must be set when ${s3.env} is set.`)
  const named = posts(env[others.env] ?? '')
  if (!(named instanceof Problem) && named.has(isSet(post) ? (env[post.env] ?? '') : post.default))
    problems.push(`${others.env} must not name this post itself (${post.env}).`)
  return problems
}

/** The part of a shared environment that belongs to this program. */
export function environmentOf(env: Env): Env {
  return ownEnvironment(SETTINGS, env, (each) => each.startsWith('BONGSU_'))
}

/** The settings as lines of text, for `--help` and .env.sentinel.example. */
export function describeSettings(): string {
  return describe(SETTINGS)
}
