import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { describeSettings, readConfig, SETTINGS } from './config.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const example = new URL('../../../.env.sentinel.example', import.meta.url)
const KEY = 'k'.repeat(32)

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  const read = readConfig(env)
  return read.ok ? [] : read.problems
}

/** The only problem reported for these settings. */
function problem(env: Readonly<Record<string, string>>): string {
  const found = problems(env)
  assert.equal(found.length, 1, JSON.stringify([env, found]))
  return found[0] ?? ''
}

function run(env: Readonly<Record<string, string>>, ...args: string[]) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
  return spawnSync(process.execPath, [main, ...args], { env: { ...clean, ...env }, encoding: 'utf8', timeout: 30_000 })
}

test('[O1] no settings at all give a working, immutable configuration; empty means not set', () => {
  const read = readConfig({ BONGSU_STATUS_PORT: '', BONGSU_PORT: 'of the messenger', OTHER: 'x' })
  assert.ok(read.ok)
  const { port, host, server, timeZone, language, onlineChecks, posts } = read.config
  assert.deepEqual([port, host, server, timeZone, language], [8090, '127.0.0.1', 'http://localhost:8080', 'Asia/Seoul', 'ko'])
  assert.deepEqual([onlineChecks.length, posts.size], [3, 0])
  assert.throws(() => Object.assign(read.config, { port: 1 }), TypeError)
})

test('[O1] each number has bounds, accepted at the edge and refused beyond it or in another form', () => {
  const bounds = { BONGSU_STATUS_PORT: [0, 65_535], BONGSU_STATUS_KEEP_DAYS: [2, 36_500] } as const
  const numbers = Object.values(SETTINGS).filter((setting) => typeof setting.default === 'number')
  assert.deepEqual(numbers.map(({ env }) => env).toSorted(), Object.keys(bounds).toSorted(), 'every number is tested here')
  for (const [name, [min, max]] of Object.entries(bounds)) {
    for (const good of [min, max]) assert.deepEqual(problems({ [name]: String(good) }), [], `${name}=${good}`)
    for (const bad of [min - 1, max + 1, '1.5', '1e3', ' 5', 'many'])
      assert.equal(problem({ [name]: String(bad) }), `${name} must be a whole number from ${min} to ${max}.`)
  }
})

test('[O1] texts have bounds', () => {
  const bounds = {
    BONGSU_STATUS_HOST: 255,
    BONGSU_STATUS_DATA: 4_096,
    BONGSU_STATUS_KEY_FILE: 4_096,
    BONGSU_STATUS_NAME: 40,
    BONGSU_STATUS_CONTACT: 200,
    BONGSU_STATUS_FOLDER: 4_096,
    BONGSU_STATUS_S3_REGION: 64,
    BONGSU_STATUS_S3_KEY_ID: 256,
    BONGSU_STATUS_S3_SECRET: 256,
  }
  for (const [name, max] of Object.entries(bounds)) {
    assert.deepEqual(problems({ [name]: '가'.repeat(max) }), [], name)
    assert.equal(problem({ [name]: '가'.repeat(max + 1) }), `${name} must be at most ${max} characters long.`)
  }
})

test('[O1] words must be known ones', () => {
  assert.equal(problem({ BONGSU_STATUS_LANGUAGE: 'KO' }), 'BONGSU_STATUS_LANGUAGE must be one of: ko, en.')
  assert.equal(problem({ BONGSU_STATUS_WEBHOOK_PRIVATE: 'yes' }), 'BONGSU_STATUS_WEBHOOK_PRIVATE must be one of: refuse, allow.')
  assert.match(problem({ BONGSU_STATUS_LOG: 'trace' }), /^BONGSU_STATUS_LOG must be one of: debug, /)
  for (const good of ['Asia/Seoul', 'UTC', 'America/New_York']) assert.deepEqual(problems({ BONGSU_STATUS_TIME_ZONE: good }), [], good)
  for (const bad of ['Seoul', 'KST9', '../etc']) assert.match(problem({ BONGSU_STATUS_TIME_ZONE: bad }), /must be a time zone/)
  for (const good of ['home', 'seoul-2', 'a'.repeat(32)]) assert.deepEqual(problems({ BONGSU_STATUS_POST: good }), [], good)
  for (const bad of ['Home', 'a b', '서울', 'a'.repeat(33)])
    assert.match(problem({ BONGSU_STATUS_POST: bad }), /must have at most 32 lower-case letters/)
})

test('[O1] addresses are absolute, and paths can be appended', () => {
  const names = ['BONGSU_STATUS_SERVER', 'BONGSU_STATUS_URL'] as const
  for (const name of names) {
    for (const good of [
      'http://localhost:8080',
      'https://talk.example.kr',
      'https://example.kr/talk',
      'http://[::1]:8080',
      `https://a.kr/${'x'.repeat(487)}`,
    ])
      assert.deepEqual(problems({ [name]: good }), [], good)
    for (const bad of [
      'talk.example.kr',
      'ws://a.kr',
      'javascript:alert(1)',
      'https://',
      'https://u:p@a.kr',
      'https://a.kr/?x',
      'https://a.kr#x',
      `https://a.kr/${'x'.repeat(488)}`,
    ])
      assert.match(problem({ [name]: bad }), /must be an address such as/, bad)
  }
  const read = readConfig({ BONGSU_STATUS_SERVER: 'https://talk.example.kr//' })
  assert.equal(read.ok && read.config.server, 'https://talk.example.kr', 'a slash at the end is no other address')
})

test('[F1] keys must be long and plain, also those of other posts', () => {
  for (const name of ['BONGSU_SENTINEL_KEY', 'BONGSU_STATUS_POST_KEY']) {
    for (const good of [KEY, 'K-_9'.repeat(32)]) assert.deepEqual(problems({ [name]: good }), [], good)
    for (const bad of ['k'.repeat(31), 'k'.repeat(129), `${KEY} `, `${KEY}열쇠`]) assert.match(problem({ [name]: bad }), /must be 32 to 128 letters/)
  }
  const many = (count: number): string => Array.from({ length: count }, (_, index) => `post-${index}=${`${index}-`.padEnd(32, 'k')}`).join(' , ')
  const read = readConfig({ BONGSU_STATUS_POSTS: many(15) })
  assert.equal(read.ok && read.config.posts.size, 15)
  assert.equal(problem({ BONGSU_STATUS_POSTS: many(16) }), 'BONGSU_STATUS_POSTS must name at most 15 places.')
  for (const bad of ['busan', `busan=${'k'.repeat(31)}`, `Busan=${KEY}`, `=${KEY}`, `busan:${KEY}`])
    assert.match(problem({ BONGSU_STATUS_POSTS: bad }), /must list name=key/, bad)
  assert.match(problem({ BONGSU_STATUS_POSTS: `busan=${KEY},busan=${KEY}x` }), /"busan" appears twice/)
  assert.match(problem({ BONGSU_STATUS_POSTS: `busan=${KEY},jeju=${KEY}` }), /another key for each/)
})

test('[O1] online checks: at most eight hosts with ports, or none', () => {
  const read = readConfig({ BONGSU_STATUS_ONLINE_CHECKS: '1.1.1.1:443, dns.example.kr:53 ,[2606:4700::1]:65535' })
  assert.deepEqual(read.ok && read.config.onlineChecks, [
    { host: '1.1.1.1', port: 443 },
    { host: 'dns.example.kr', port: 53 },
    { host: '2606:4700::1', port: 65_535 },
  ])
  const none = readConfig({ BONGSU_STATUS_ONLINE_CHECKS: 'none' })
  assert.deepEqual(none.ok && none.config.onlineChecks, [])
  const same = (count: number): string => Array.from({ length: count }, () => '1.1.1.1:443').join()
  assert.deepEqual(problems({ BONGSU_STATUS_ONLINE_CHECKS: same(8) }), [])
  for (const bad of [same(9), ',', '1.1.1.1', '1.1.1.1:0', '1.1.1.1:65536', 'a b:1', 'https://a.kr:443', 'none,1.1.1.1:443'])
    assert.match(problem({ BONGSU_STATUS_ONLINE_CHECKS: bad }), /^BONGSU_STATUS_ONLINE_CHECKS must list/, bad)
})

test('[S4] targets must be valid: no rsync options, no bucket without a name', () => {
  const read = readConfig({ BONGSU_STATUS_RSYNC: 'u@a.kr:/var/www/status, rsync://b.kr/status ,/srv/status' })
  assert.deepEqual(read.ok && read.config.rsync, ['u@a.kr:/var/www/status', 'rsync://b.kr/status', '/srv/status'])
  assert.match(problem({ BONGSU_STATUS_RSYNC: 'u@a.kr:/x,--rsh=sh' }), /"--rsh=sh" is not one/)
  const keys = { BONGSU_STATUS_S3_KEY_ID: 'id', BONGSU_STATUS_S3_SECRET: 'secret' }
  for (const good of ['https://s3.example.kr/status', 'https://s3.example.kr/status/town/'])
    assert.deepEqual(problems({ ...keys, BONGSU_STATUS_S3: good }), [], good)
  for (const bad of ['https://s3.example.kr', 'https://s3.example.kr/', 's3://status'])
    assert.match(problem({ ...keys, BONGSU_STATUS_S3: bad }), /must be/, bad)
})

test('[O1] mail: a server, and one plain address', () => {
  const from = { BONGSU_STATUS_MAIL_FROM: 'status@example.kr' }
  for (const good of ['smtp://localhost', 'smtps://u:p%40@mail.example.kr:465'])
    assert.deepEqual(problems({ ...from, BONGSU_STATUS_SMTP_URL: good }), [], good)
  for (const bad of ['mail.example.kr', 'https://mail.example.kr', 'smtp://'])
    assert.match(problem({ ...from, BONGSU_STATUS_SMTP_URL: bad }), /must be an address/, bad)
  for (const bad of ['smtps://u:100%@mail.example.kr', 'smtps://u%zz:p@mail.example.kr', 'smtps://u:%ff@mail.example.kr'])
    assert.match(problem({ ...from, BONGSU_STATUS_SMTP_URL: bad }), /must have a percent-encoded user and password/, bad)
  for (const bad of ['status', 'a@b@c', 'Status <a@b.kr>', 'a@b.kr,c@d.kr', 'a@b.kr\r\nBcc: c@d.kr'])
    assert.match(problem({ BONGSU_STATUS_MAIL_FROM: bad }), /must be one mail address/, bad)
})

test('[O1] proxies must be addresses or ranges, never all addresses', () => {
  assert.deepEqual(problems({ BONGSU_STATUS_TRUSTED_PROXIES: 'loopback,10.0.0.0/8,192.0.2.7,2001:db8::/32' }), [])
  for (const bad of ['999.1.1.1', '10.0.0.0/33', '0.0.0.0/0', 'proxy.example', 'all'])
    assert.match(problem({ BONGSU_STATUS_TRUSTED_PROXIES: bad }), /must list addresses/, bad)
})

test('[O1] wrong combinations are reported too', () => {
  assert.deepEqual(
    problems({ BONGSU_STATUS_MAIN: 'https://status.example.kr', BONGSU_STATUS_SMTP_URL: 'smtp://localhost', BONGSU_STATUS_S3: 'https://s3.kr/b' }),
    [
      'BONGSU_STATUS_POST_KEY must be set when BONGSU_STATUS_MAIN is set.',
      'BONGSU_STATUS_MAIL_FROM must be set when BONGSU_STATUS_SMTP_URL is set.',
      'BONGSU_STATUS_S3_KEY_ID and BONGSU_STATUS_S3_SECRET must be set when BONGSU_STATUS_S3 is set.',
    ],
  )
  for (const half of ['BONGSU_STATUS_S3_KEY_ID', 'BONGSU_STATUS_S3_SECRET'])
    assert.match(problem({ BONGSU_STATUS_S3: 'https://s3.kr/b', [half]: 'x' }), /must be set when BONGSU_STATUS_S3 is set/)
  assert.match(problem({ BONGSU_STATUS_POSTS: `home=${KEY}` }), /must not name this post itself/)
  assert.deepEqual(problems({ BONGSU_STATUS_POSTS: `home=${KEY}`, BONGSU_STATUS_POST: 'seoul' }), [])
})

test('[O1] all problems are reported at once, also combinations and unknown names; the messenger’s names are ignored', () => {
  assert.deepEqual(
    problems({ BONGSU_STATUS_PORT: 'x', BONGSU_STATUS_LOG: 'x', BONGSU_STATUS_PROT: '1', BONGSU_PROT: '1', BONGSU_STATUS_MAIN: 'https://a.kr' }),
    [
      'BONGSU_STATUS_PORT must be a whole number from 0 to 65535.',
      'BONGSU_STATUS_LOG must be one of: debug, info, warn, error, silent.',
      'BONGSU_STATUS_PROT is not a setting of Bongsu.',
      'BONGSU_STATUS_POST_KEY must be set when BONGSU_STATUS_MAIN is set.',
    ],
  )
})

test('[O1] a process with unusable settings names them all and exits with 78 before touching anything', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-config-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const data = join(directory, 'data')
  const ended = run({
    BONGSU_STATUS_DATA: data,
    BONGSU_STATUS_FOLDER: join(directory, 'public'),
    BONGSU_STATUS_PORT: '-1',
    BONGSU_STATUS_TRUSTED_PROXIES: 'nginx',
    BONGSU_STATUS_SMTP_URL: 'smtp://localhost',
  })
  assert.equal(ended.status, 78)
  for (const name of ['PORT must be', 'TRUSTED_PROXIES must list', 'MAIL_FROM must be set'])
    assert.match(ended.stderr, new RegExp(`BONGSU_STATUS_${name}`))
  assert.deepEqual([existsSync(data), existsSync(join(directory, 'public'))], [false, false])
})

test('[O1] .env.sentinel.example and --help match the table, and every shown default is valid', () => {
  const text = describeSettings()
  assert.equal(
    readFileSync(example, 'utf8'),
    text,
    'write it anew: node apps/sentinel/src/main.ts --help, from the first # on, is .env.sentinel.example',
  )
  const help = run({}, '--help')
  assert.equal(help.status, 0)
  assert.ok(help.stdout.endsWith(text))
  const shown = [...text.matchAll(/^# (BONGSU_\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const)
  assert.deepEqual(
    shown.map(([name]) => name),
    Object.values(SETTINGS).map(({ env }) => env),
  )
  assert.deepEqual(readConfig(Object.fromEntries(shown)), readConfig({}))
})
