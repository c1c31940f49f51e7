import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SUBPROTOCOL } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { SETTINGS } from '../../apps/server/src/config.ts'
import { natsCheck } from '../../apps/server/src/doctor/nats.ts'
import { diagnose, troubles } from './doctor.ts'
import { freePort } from './free-port.ts'
import { startNatsServer } from './nats-server.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

// The examples of deploy/, read by the programs that they are for.

const example = (name: string): string => readFileSync(join('deploy', name), 'utf8')

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'bongsu-deploy-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('[O18] systemd understands the units', (t) => {
  const made = folder(t)
  for (const unit of readdirSync('deploy').filter((name) => /\.(?:service|timer)$/.test(name))) {
    if (example(unit).includes('Restart=always')) assert.match(example(unit), /^StartLimitIntervalSec=0$/m, `${unit} comes back after any outage`)
    const file = join(made, unit.replace('@', '@8081'))
    copyFileSync(join('deploy', unit), join(made, unit))
    writeFileSync(
      file,
      example(unit)
        .replaceAll('/opt/bongsu/bin/bongsu', '/bin/true')
        .replaceAll(/^Documentation=.*$/gm, ''),
    )
    const said = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', file], { encoding: 'utf8' })
    assert.equal(said.stderr.trim(), '', unit)
    assert.equal(said.status, 0, unit)
  }
})

test('[O18] the files for containers are understood, and set only settings that exist', () => {
  for (const [name, env] of [
    ['compose.yml', {}],
    ['compose-many.yml', { DATABASE: 'postgres://x', NATS: 'nats://x', NATS_CREDENTIALS: 'x' }],
  ] as const) {
    const args = ['-f', join('deploy', name), 'config']
    const text = execFileSync('docker-compose', args, { encoding: 'utf8', env: { ...process.env, ...env } })
    const known = new Set(Object.values(SETTINGS).map((setting) => setting.env))
    const used = [...text.matchAll(/^\s+(BONGSU_[A-Z_]+):/gm)].map((match) => match[1] ?? '')
    assert.ok(used.length > 3)
    assert.deepEqual(
      used.filter((one) => !one.startsWith('BONGSU_STATUS_') && !known.has(one)),
      [],
      name,
    )
  }
  assert.notEqual(spawnSync('docker-compose', ['-f', 'deploy/compose-many.yml', 'config']).status, 0, 'without an address of the database')
})

test('[O18] three NATS servers with the example are one cluster, and let in nobody without its password', async (t) => {
  const made = folder(t)
  const ports = [await freePort(), await freePort(), await freePort()]
  const servers = await Promise.all(
    ports.map((port, index) => {
      const file = join(made, `${index}.conf`)
      const text = example('nats.conf')
        .replace('server_name: nats-1', `server_name: nats-${index + 1}`)
        .replace(/^listen: .*$/m, '')
        .replace('listen: 10.0.0.21:6222', `listen: 127.0.0.1:${port}`)
        .replaceAll(/10\.0\.0\.2([123]):6222/g, (_, number: string) => `127.0.0.1:${ports[Number(number) - 1]}`)
      writeFileSync(file, text)
      return startNatsServer(t, ['--config', file])
    }),
  )
  const nats = servers.map(({ url }) => url)
  const natsCredentials = 'bongsu:CHANGE-ME'
  await waitFor('one cluster without a finding', async () => troubles(await diagnose(natsCheck, { nats, natsCredentials })).length === 0)
  assert.deepEqual(troubles(await diagnose(natsCheck, { nats, natsCredentials: 'bongsu:wrong' })), ['warning nats/reached', 'warning nats/size'])
})

test('[O18] the page about larger installations names only figures that were measured', () => {
  const page = readFileSync('docs/guide/more-than-one-machine.md', 'utf8')
  const benchmarks = readFileSync('BENCHMARKS.md', 'utf8')
  const rows = [...page.matchAll(/^\| .* \| ([\d.,]+)(?: \S+| % of a core)? \| `([a-z0-9-]+)` \|$/gm)]
  assert.ok(rows.length >= 8)
  for (const [row, figure = '', scenario = ''] of rows) {
    const table = benchmarks.split(`<!-- bench:${scenario} -->`)[1]?.split(`<!-- /bench:${scenario} -->`)[0] ?? ''
    assert.ok(table.includes(figure), row)
  }
})

test('[O18] HAProxy with the example: WebSockets pass, and an instance that is gone gets nobody', async (t) => {
  const made = folder(t)
  const pem = join(made, 'pem')
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', join(made, 'key'), '-out', pem],
    {
      stdio: 'ignore',
    },
  )
  writeFileSync(pem, readFileSync(join(made, 'key')), { flag: 'a' })
  const [port, plain, postgres, figures] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const origin = `https://localhost:${port}`
  const env = { BONGSU_TRUSTED_PROXIES: 'loopback', BONGSU_ORIGINS: origin }
  const [one, two] = await Promise.all([startServerProcess(t, { env }), startServerProcess(t, { env })])
  const config = join(made, 'haproxy.cfg')
  writeFileSync(
    config,
    example('haproxy.cfg')
      .replace('log /dev/log local0', 'log stdout format raw local0')
      // As many files as a test may open.
      .replace('maxconn 50000', 'maxconn 100')
      .replace('/etc/haproxy/talk.example.kr.pem', pem)
      .replace('bind :443', `bind 127.0.0.1:${port}`)
      .replace('bind :80', `bind 127.0.0.1:${plain}`)
      .replace('bind 127.0.0.1:5000', `bind 127.0.0.1:${postgres}`)
      .replace('bind 127.0.0.1:8404', `bind 127.0.0.1:${figures}`)
      .replace('10.0.0.1:8081', `127.0.0.1:${one.port}`)
      .replace('10.0.0.2:8081', `127.0.0.1:${two.port}`)
      .replace('10.0.0.3:8081', '127.0.0.1:1'),
  )
  const checked = spawnSync('haproxy', ['-c', '-f', config], { encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stderr)
  assert.doesNotMatch(checked.stderr, /WARNING/)
  const haproxy = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore' })
  t.after(() => haproxy.kill('SIGKILL'))

  /** Whether each instance is up, by its name. */
  const up = async (): Promise<string> => {
    const text = await fetch(`http://127.0.0.1:${figures}/;csv`).then(
      (response) => response.text(),
      () => '',
    )
    return [...text.matchAll(/^messenger,(one|two|three),.*$/gm)].map(([line, name]) => `${name} ${line.includes(',UP') ? 'up' : 'down'}`).join(', ')
  }
  await waitFor('the third instance, which is not there, to be out', async () => (await up()) === 'one up, two up, three down')

  const opened = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${origin.replace('https', 'wss')}/v1/socket`, SUBPROTOCOL, { origin, rejectUnauthorized: false })
      socket.once('open', () => resolve(socket))
      socket.once('error', reject)
    })
  const sockets = await Promise.all([opened(), opened(), opened(), opened()])
  await one.kill()
  await waitFor('the killed instance to be out', async () => (await up()) === 'one down, two up, three down')
  // Those of the other instance feel nothing, and all new ones go there.
  await waitFor('half of the devices to be cut', () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length === 2)
  for (const socket of [...sockets, ...(await Promise.all([opened(), opened()]))]) socket.terminate()
  const answer = await fetch(`http://127.0.0.1:${plain}/healthz`, { redirect: 'manual' })
  assert.equal(answer.status, 301)
  assert.match(answer.headers.get('location') ?? '', /^https:/)

  await one.start()
  await waitFor('the instance to be back', async () => (await up()) === 'one up, two up, three down')
})
