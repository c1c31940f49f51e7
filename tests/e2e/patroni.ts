import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { binFolder, owner } from '../contract/postgres-server.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

const START_MS = 60_000

/** One node of Patroni with its etcd, made from the examples in deploy/. */
export interface Patroni {
  /** Of its REST API. */
  readonly url: string
  readonly postgresPort: number
  /** Of a device that takes what a watchdog is told. */
  readonly device: string
  /** Its settings. */
  readonly file: string
  /** Changes the configuration of the cluster, and waits until the node has taken it. */
  change(config: Readonly<Record<string, unknown>>): Promise<void>
  status(): Promise<Readonly<Record<string, unknown>>>
}

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** @param edit changes the example. */
export async function startPatroni(t: Pick<TestContext, 'after'>, edit: (example: string) => string): Promise<Patroni> {
  const as = owner()
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-patroni-'))
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid!)
  const device = join(folder, 'watchdog')
  const [etcdPort, peerPort, restPort, postgresPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const data = join(folder, 'data')
  const file = join(folder, 'patroni.yml')
  let said = ''

  function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(program, args, {
      ...as,
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...env },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)))
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }

  const etcdSettings = readFileSync('deploy/etcd.env', 'utf8')
    .replaceAll('http://10.0.0.11:2379', `http://127.0.0.1:${etcdPort}`)
    .replaceAll('http://10.0.0.11:2380', `http://127.0.0.1:${peerPort}`)
    .replace(/,db2=.*/, '')
    .replace('/var/lib/etcd/bongsu', join(folder, 'etcd'))
  const etcd = run(
    'etcd',
    ['--unsafe-no-fsync'],
    Object.fromEntries([...etcdSettings.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value])),
  )
  const config = edit(readFileSync('deploy/patroni.yml', 'utf8'))
    .replaceAll('10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379', `127.0.0.1:${etcdPort}`)
    .replaceAll('10.0.0.11:8008', `127.0.0.1:${restPort}`)
    .replaceAll('10.0.0.11:5432', `127.0.0.1:${postgresPort}`)
    .replace('/var/lib/postgresql/15/main', data)
    .replace('/usr/lib/postgresql/15/bin', binFolder())
    .replace('/var/lib/postgresql/.patroni-pgpass', join(folder, 'pgpass'))
    .replaceAll('/dev/watchdog', device)
    .replace('watchdog:\n', 'watchdog:\n  driver: testing\n')
    // Archiving needs another machine, and seconds count in a test.
    .replace("archive_mode: 'on'", "archive_mode: 'off'")
    .replace('loop_wait: 10', 'loop_wait: 1')
    .replace('local all postgres peer', 'local all postgres trust')
    .replace('password_encryption: scram-sha-256', `password_encryption: scram-sha-256\n    unix_socket_directories: ${folder}`)
  writeFileSync(device, '')
  writeFileSync(file, config, { mode: 0o600 })
  if (as.uid !== undefined) for (const each of [device, file]) chownSync(each, as.uid, as.gid!)
  const url = `http://127.0.0.1:${restPort}`
  const patroni = run('patroni', [file], {})
  t.after(async () => {
    const lock = join(data, 'postmaster.pid')
    const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : 0
    // Patroni first: it would start PostgreSQL again.
    for (const child of [patroni, etcd]) child.kill('SIGKILL')
    if (pid > 1 && isAlive(pid)) {
      process.kill(pid, 'SIGQUIT')
      await waitFor('PostgreSQL to end', () => !isAlive(pid))
    }
    rmSync(folder, { recursive: true, force: true })
  })

  const status = async (): Promise<Readonly<Record<string, unknown>>> => (await fetch(`${url}/patroni`)).json() as Promise<Record<string, unknown>>
  await waitFor(
    () => `Patroni with a primary; it said: ${said}`,
    () => {
      if (patroni.exitCode !== null) throw new Error(`Patroni ended; it said: ${said}`)
      return fetch(`${url}/primary`).then(
        (response) => response.status === 200,
        () => false,
      )
    },
    { withinMs: START_MS, everyMs: 200 },
  )
  return {
    url,
    postgresPort,
    device,
    file,
    status,
    async change(patch) {
      const response = await fetch(`${url}/config`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', authorization: `Basic ${btoa('patroni:CHANGE-ME')}` },
        body: JSON.stringify(patch),
      })
      if (!response.ok) throw new Error(`Patroni refused: ${response.status} ${await response.text()}`)
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
