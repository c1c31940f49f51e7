import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { describeSettings, readConfig, SETTINGS } from './config.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const example = new URL('../../../.env.example', import.meta.url)

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  const read = readConfig(env)
  return read.ok ? [] : read.problems
}

function run(env: Readonly<Record<string, string>>, ...args: string[]) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
  return spawnSync(process.execPath, [main, ...args], { env: { ...clean, ...env }, encoding: 'utf8', timeout: 30_000 })
}

test('[O1] no settings at all give a working, immutable configuration; empty means not set', () => {
  const read = readConfig({ BONGSU_PORT: '', OTHER: 'x' })
  assert.ok(read.ok)
  assert.deepEqual([read.config.port, read.config.host, read.config.registration], [8080, '127.0.0.1', 'invite'])
  assert.throws(() => Object.assign(read.config, { port: 1 }), TypeError)
})

test('[O1] each number has bounds, accepted at the edge and refused beyond it or in another form', () => {
  const bounds = {
    BONGSU_PORT: [0, 65_535],
    BONGSU_CONNECTIONS_MAX: [1, 1_000_000],
    BONGSU_HELLOS_PER_SECOND: [1, 1_000_000],
    BONGSU_HEARTBEAT_MS: [200, 120_000],
    BONGSU_FRAMES_PER_SECOND: [1, 1_000_000],
    BONGSU_FRAMES_BURST: [1, 1_000_000],
    BONGSU_REQUESTS_PER_MINUTE: [1, 1_000_000],
    BONGSU_OPEN_REQUESTS_PER_MINUTE: [1, 1_000_000],
    BONGSU_SIGN_IN_FAILURES_PER_HANDLE: [1, 10_000],
    BONGSU_SIGN_IN_FAILURES_PER_ADDRESS: [1, 10_000],
    BONGSU_TEXT_BYTES_PER_HOUR: [100_000, 1_000_000_000_000],
    BONGSU_DISK_RESERVE_BYTES: [0, 1_000_000_000_000],
    BONGSU_DATABASE_BYTES_MAX: [0, 1_000_000_000_000_000],
  } as const
  const numbers = Object.values(SETTINGS).filter((setting) => typeof setting.default === 'number')
  assert.deepEqual(numbers.map((setting) => setting.env).toSorted(), Object.keys(bounds).toSorted(), 'every number is tested here')
  for (const [name, [min, max]] of Object.entries(bounds)) {
    for (const good of [min, max]) assert.deepEqual(problems({ [name]: String(good) }), [], `${name}=${good}`)
    for (const bad of [String(min - 1), String(max + 1), '1.5', '1e3', ' 5', '0x10', 'many', '-1']) {
      assert.deepEqual(problems({ [name]: bad }), [`${name} must be a whole number from ${min} to ${max}.`], `${name}=${bad}`)
    }
  }
})

test('[O1] texts and words have bounds', () => {
  assert.deepEqual(problems({ BONGSU_NAME: '가'.repeat(40) }), [])
  assert.deepEqual(problems({ BONGSU_NAME: '가'.repeat(41) }), ['BONGSU_NAME must be at most 40 characters long.'])
  assert.deepEqual(problems({ BONGSU_REGISTRATION: 'Open' }), ['BONGSU_REGISTRATION must be one of: invite, open.'])
  assert.deepEqual(problems({ BONGSU_LOG: 'trace' }), ['BONGSU_LOG must be one of: debug, info, warn, error, silent.'])
})

test('[W1] origins are exact: a scheme, a host, a port, and nothing more', () => {
  const read = readConfig({ BONGSU_ORIGINS: ' https://talk.example.kr , http://localhost:8080,' })
  assert.deepEqual(read.ok && read.config.origins, ['https://talk.example.kr', 'http://localhost:8080'])
  for (const bad of [
    'https://talk.example.kr/',
    'talk.example.kr',
    '*',
    'null',
    'https://*.example.kr/x',
    'https://a.kr:443',
    'https://A.kr',
    'ws://a.kr',
    'ftp://a.kr',
  ]) {
    assert.equal(problems({ BONGSU_ORIGINS: `https://good.kr,${bad}` }).length, 1, bad)
  }
})

test('[F1] the key must be long and plain, and a cell must be a word', () => {
  for (const good of ['k'.repeat(32), 'K-_9'.repeat(32)]) assert.deepEqual(problems({ BONGSU_SENTINEL_KEY: good }), [], good)
  for (const bad of ['k'.repeat(31), 'k'.repeat(129), `${'k'.repeat(40)} `, `${'k'.repeat(40)}열쇠`]) {
    assert.deepEqual(problems({ BONGSU_SENTINEL_KEY: bad }), ['BONGSU_SENTINEL_KEY must be 32 to 128 letters, digits, hyphens or underscores.'], bad)
  }
  for (const good of ['main', 'a', 'seoul-2', 'a'.repeat(40)]) assert.deepEqual(problems({ BONGSU_CELL: good }), [], good)
  for (const bad of ['Main', 'a b', '-a', 'a--b', '서울', 'a'.repeat(41)]) assert.equal(problems({ BONGSU_CELL: bad }).length, 1, bad)
})

test('[F6] the address of the status pages must be in the form that browsers use', () => {
  for (const good of ['http://localhost:8090', 'https://status.example.kr', 'https://example.kr/status', 'http://[::1]:8090'])
    assert.deepEqual(problems({ BONGSU_STATUS_URL: good }), [], good)
  for (const bad of [
    'https://status.example.kr/',
    'https://example.kr/status/',
    'status.example.kr',
    'javascript:alert(1)',
    'https://u:p@status.example.kr',
    'https://status.example.kr?x',
    'https://status.example.kr#x',
    'HTTPS://status.example.kr',
    `https://status.example.kr/${'x'.repeat(500)}`,
  ])
    assert.equal(problems({ BONGSU_STATUS_URL: bad }).length, 1, bad)
})

test('[O1] proxies must be addresses or ranges, never all addresses', () => {
  const good = 'loopback,10.0.0.0/8,192.0.2.7,2001:db8::/32,::1'
  assert.deepEqual(problems({ BONGSU_TRUSTED_PROXIES: good }), [])
  for (const bad of ['999.1.1.1', '10.0.0.0/33', '10.0.0.0/0', '::/0', '::/129', '10.0.0.0/8/8', 'proxy.example', 'all', '10.0.0.0/']) {
    assert.equal(problems({ BONGSU_TRUSTED_PROXIES: bad }).length, 1, bad)
  }
})

test('[O1] NATS servers are addresses of one kind without a password, at most 16', () => {
  const many = (count: number): string => Array.from({ length: count }, (_, n) => `nats://10.0.0.${n}`).join()
  for (const good of ['nats://localhost', 'nats://10.0.0.5:4222,nats://nats.example.kr:65535', 'tls://[2001:db8::1]:4222', many(16)])
    assert.deepEqual(problems({ BONGSU_NATS: good }), [], good)
  for (const bad of [
    'localhost',
    'http://a',
    'nats://',
    'nats://a,tls://b',
    'nats://u:p@a',
    'nats://a:65536',
    'nats://a/b',
    'nats://a?b',
    ',',
    many(17),
  ])
    assert.equal(problems({ BONGSU_NATS: bad }).length, 1, bad)
})

test('[O1] all problems are reported at once, unknown names included', () => {
  assert.deepEqual(problems({ BONGSU_PORT: 'x', BONGSU_LOG: 'x', BONGSU_PROT: '1', BONGSU: '1' }), [
    'BONGSU_PORT must be a whole number from 0 to 65535.',
    'BONGSU_LOG must be one of: debug, info, warn, error, silent.',
    'BONGSU_PROT is not a setting of Bongsu.',
  ])
})

test('[O1] a process with unusable settings names them all and exits with 78 before touching anything', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-config-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const data = join(directory, 'data')
  const ended = run({ BONGSU_PORT: '-1', BONGSU_PROT: '8080', BONGSU_DATA: data })
  assert.equal(ended.status, 78)
  assert.match(ended.stderr, /BONGSU_PORT must be/)
  assert.match(ended.stderr, /BONGSU_PROT is not a setting/)
  assert.equal(existsSync(data), false)
})

test('[O1] .env.example and --help match the table, and every shown default is valid', () => {
  const text = describeSettings()
  assert.equal(readFileSync(example, 'utf8'), text, 'write it anew: node apps/server/src/main.ts --help, from the first # on, is .env.example')
  const help = run({}, '--help')
  assert.equal(help.status, 0)
  assert.ok(help.stdout.endsWith(text))
  const shown = [...text.matchAll(/^# (BONGSU_\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const)
  assert.deepEqual(
    shown.map(([name]) => name),
    Object.values(SETTINGS).map((setting) => setting.env),
  )
  const read = readConfig(Object.fromEntries(shown))
  assert.deepEqual(read, readConfig({}))
})
