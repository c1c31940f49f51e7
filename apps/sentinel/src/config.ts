import { isIP } from 'node:net'
import { describeSettings as describe, list, LOG_LEVELS, oneOf, Problem, readSettings, setting, text, whole, type Values } from '@bongsu/settings'

function address(value: string): string | Problem {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) return new Problem('must be an address such as https://talk.example.kr')
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
  /^[a-z0-9-]{1,32}$/.test(value) ? value : new Problem('must be of small letters, digits and -, at most 32')

const secret = (value: string): string | Problem => (/^[\w-]{16,128}$/.test(value) ? value : new Problem('must be 16 to 128 letters, digits, - or _'))

/** Hosts and ports, for asking whether this place has a network at all. */
function endpoints(value: string): readonly Endpoint[] | Problem {
  if (value.trim() === 'none') return []
  const found: Endpoint[] = []
  for (const part of list(value)) {
    const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(part) ?? []
    if (isIP(host) === 0 && !/^[a-z0-9.-]+$/i.test(host)) return new Problem(`must list host:port, or be the word none; "${part}" is none`)
    found.push({ host, port: Number(port) })
  }
  return found
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Other places that may report here: each a name and a key. */
function posts(value: string): ReadonlyMap<string, string> | Problem {
  const found = new Map<string, string>()
  for (const part of list(value)) {
    const [, post, key] = /^([a-z0-9-]{1,32})=([\w-]{16,128})$/.exec(part) ?? []
    if (post === undefined || key === undefined) return new Problem('must list name=key, each key of 16 to 128 letters, digits, - or _')
    found.set(post, key)
  }
  return found
}

export const SETTINGS = {
  port: setting<number>({
    env: 'BONGSU_STATUS_PORT',
    default: 8090,
    about: 'TCP port of the status page; 0 takes a free one.',
    read: whole(0, 65_535),
  }),
  host: setting<string>({
    env: 'BONGSU_STATUS_HOST',
    default: '127.0.0.1',
    about: 'Address the status page listens on. Put a proxy with TLS before it, best on another host and under another domain than the messenger.',
    read: text(255),
  }),
  data: setting<string>({
    env: 'BONGSU_STATUS_DATA',
    default: './sentinel-data',
    about: 'Folder of the record, subscribers and published files; made when missing.',
    read: text(4_096),
  }),
  server: setting<string>({
    env: 'BONGSU_STATUS_SERVER',
    default: 'http://localhost:8080',
    about: 'The messenger that is watched, as its users reach it.',
    read: address,
  }),
  key: setting<string>({
    env: 'BONGSU_SENTINEL_KEY',
    default: '',
    defaultText: 'read from the file of the next setting',
    about: 'The key by which the messenger knows its sentinel.',
    read: secret,
  }),
  keyFile: setting<string>({
    env: 'BONGSU_STATUS_KEY_FILE',
    default: './data/sentinel-key',
    about: 'Where the messenger on this machine has written that key.',
    read: text(4_096),
  }),
  name: setting<string>({
    env: 'BONGSU_STATUS_NAME',
    default: '봉수',
    about: 'Name of the messenger, shown at the head of the page.',
    read: text(40),
  }),
  url: setting<string>({
    env: 'BONGSU_STATUS_URL',
    default: '',
    defaultText: 'http://localhost with the port',
    about: 'Where people open the status page; used in links.',
    read: address,
  }),
  contact: setting<string>({
    env: 'BONGSU_STATUS_CONTACT',
    default: '',
    about: 'Whom people may ask: a phone number or an address. It stands in every notice.',
    read: text(200),
  }),
  timeZone: setting<string>({ env: 'BONGSU_STATUS_TIME_ZONE', default: 'Asia/Seoul', about: 'Time zone of the page and its days.', read: zone }),
  language: setting<'ko' | 'en'>({
    env: 'BONGSU_STATUS_LANGUAGE',
    default: 'ko',
    about: 'Language of what programs read (Statuspage API, feeds, webhooks). Pages and mails are in both.',
    read: oneOf('ko', 'en'),
  }),
  post: setting<string>({ env: 'BONGSU_STATUS_POST', default: 'home', about: 'Name of this place of observation.', read: name }),
  posts: setting<ReadonlyMap<string, string>>({
    env: 'BONGSU_STATUS_POSTS',
    default: new Map(),
    defaultText: 'none',
    about: 'Other sentinels that may report to this one: name=key, separated by commas.',
    read: posts,
  }),
  main: setting<string>({
    env: 'BONGSU_STATUS_MAIN',
    default: '',
    defaultText: 'none; this sentinel judges by itself',
    about: 'Address of the main sentinel: this one then only observes and reports there.',
    read: address,
  }),
  postKey: setting<string>({
    env: 'BONGSU_STATUS_POST_KEY',
    default: '',
    defaultText: 'none',
    about: 'The key that the main sentinel knows this one by.',
    read: secret,
  }),
  onlineChecks: setting<readonly Endpoint[]>({
    env: 'BONGSU_STATUS_ONLINE_CHECKS',
    default: [
      { host: '1.1.1.1', port: 443 },
      { host: '8.8.8.8', port: 53 },
      { host: '168.126.63.1', port: 53 },
    ],
    defaultText: '1.1.1.1:443,8.8.8.8:53,168.126.63.1:53',
    about: 'Hosts that tell whether this place is online itself, before others are blamed. The word none: it always is.',
    read: endpoints,
  }),
  folder: setting<string>({
    env: 'BONGSU_STATUS_FOLDER',
    default: '',
    defaultText: 'public in the data folder',
    about: 'Folder the pages are written to, for any web server to serve.',
    read: text(4_096),
  }),
  rsync: setting<readonly string[]>({
    env: 'BONGSU_STATUS_RSYNC',
    default: [],
    defaultText: 'none',
    about: 'Where rsync copies the pages to, such as user@host:/var/www/status, separated by commas.',
    read: list,
  }),
  s3: setting<string>({
    env: 'BONGSU_STATUS_S3',
    default: '',
    defaultText: 'none',
    about: 'Address of a bucket the pages are put into (S3-compatible), such as https://s3.example.kr/status.',
    read: address,
  }),
  s3Region: setting<string>({ env: 'BONGSU_STATUS_S3_REGION', default: 'auto', about: 'Region of that bucket.', read: text(64) }),
  s3KeyId: setting<string>({
    env: 'BONGSU_STATUS_S3_KEY_ID',
    default: '',
    defaultText: 'none',
    about: 'Access key id of that bucket.',
    read: text(256),
  }),
  s3Secret: setting<string>({
    env: 'BONGSU_STATUS_S3_SECRET',
    default: '',
    defaultText: 'none',
    about: 'Secret access key of that bucket.',
    read: text(256),
  }),
  smtp: setting<string>({
    env: 'BONGSU_STATUS_SMTP_URL',
    default: '',
    defaultText: 'none; the page then offers no subscription by e-mail',
    about: 'Mail server for notices, such as smtps://user:password@mail.example.kr. Not the messenger’s own host, if you can.',
    read: (value) =>
      /^smtps?:\/\/.+/.test(value) && URL.canParse(value) ? value : new Problem('must be an address such as smtps://mail.example.kr'),
  }),
  mailFrom: setting<string>({
    env: 'BONGSU_STATUS_MAIL_FROM',
    default: '',
    defaultText: 'none',
    about: 'Sender of those mails, such as status@example.kr.',
    read: (value) => (/^[^\s<>,@]+@[^\s<>,@]+$/.test(value) ? value : new Problem('must be one mail address')),
  }),
  webhookPrivate: setting<'refuse' | 'allow'>({
    env: 'BONGSU_STATUS_WEBHOOK_PRIVATE',
    default: 'refuse',
    about: 'Whether webhooks may go to private addresses and to http.',
    read: oneOf('refuse', 'allow'),
  }),
  keepDays: setting<number>({
    env: 'BONGSU_STATUS_KEEP_DAYS',
    default: 400,
    about: 'Days for which single observations are kept; their hashes, incidents and daily sums stay for ever.',
    read: whole(2, 36_500),
  }),
  proxies: setting<readonly string[]>({
    env: 'BONGSU_STATUS_TRUSTED_PROXIES',
    default: [],
    defaultText: 'none',
    about: 'Proxies whose X-Forwarded-For is believed: addresses or ranges, or the word loopback, separated by commas.',
    read: list,
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    env: 'BONGSU_STATUS_LOG',
    default: 'info',
    about: 'Least level of the sentinel’s log lines on standard output.',
    read: oneOf(...LOG_LEVELS),
  }),
}

export type Config = Values<typeof SETTINGS>

/** Reads all settings; everything that is wrong, each alone or together, is told at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReturnType<typeof readSettings<typeof SETTINGS>> {
  const read = readSettings(SETTINGS, env, (each) => each.startsWith('BONGSU_STATUS_'))
  if (!read.ok) return read
  const problems = togetherWrong(read.config)
  return problems.length > 0 ? { ok: false, problems } : read
}

function togetherWrong(config: Config): readonly string[] {
  const problems: string[] = []
  if (config.main !== '' && config.postKey === '') problems.push('BONGSU_STATUS_POST_KEY must be set where BONGSU_STATUS_MAIN is.')
  if (config.smtp !== '' && config.mailFrom === '') problems.push('BONGSU_STATUS_MAIL_FROM must be set where BONGSU_STATUS_SMTP_URL is.')
  if (config.s3 !== '' && (config.s3KeyId === '' || config.s3Secret === ''))
    problems.push('BONGSU_STATUS_S3_KEY_ID and BONGSU_STATUS_S3_SECRET must be set where BONGSU_STATUS_S3 is.')
  if (config.posts.has(config.post)) problems.push('BONGSU_STATUS_POSTS must not name this place itself (BONGSU_STATUS_POST).')
  return problems
}

/** The settings as lines of text, for `--help` and .env.sentinel.example. */
export function describeSettings(): string {
  return describe(SETTINGS)
}
