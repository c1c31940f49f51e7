import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { readConfig } from '../../apps/server/src/config.ts'
import { DOCTOR_BOUNDS } from '../../apps/server/src/doctor/bounds.ts'
import { certificateCheck } from '../../apps/server/src/doctor/certificate.ts'
import { doctor } from '../../apps/server/src/doctor/command.ts'
import type { Finding } from '../../apps/server/src/doctor/finding.ts'
import { machineCheck, serverCheck } from '../../apps/server/src/doctor/machine.ts'
import { fill, smallDisk } from '../worlds/small-disk.ts'
import { diagnose, troubles } from './doctor.ts'
import { freePort } from './free-port.ts'
import { bongsu, type Ended } from './operator.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

const PAGE = 4_096

function folder(t: TestContext, parent = tmpdir()): string {
  const made = mkdtempSync(join(parent, 'bongsu-doctor-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('[O17] a disk with little room is told: a tenth is enough, a fiftieth is nearly nothing', async (t) => {
  const disk = smallDisk(t, t, (1_000 * PAGE) / 1_024)
  if (disk === null) return
  const level = async (pages: number): Promise<string | undefined> => {
    writeFileSync(join(disk.path, 'file'), Buffer.alloc(pages * PAGE, 1))
    return (await diagnose(machineCheck, { database: 'postgres://elsewhere', data: join(disk.path, 'not', 'made', 'yet') })).get('machine/disk')
      ?.level
  }
  assert.deepEqual([await level(900), await level(901), await level(980), await level(981)], ['good', 'warning', 'warning', 'fault'])
  rmSync(join(disk.path, 'file'))
  disk.remount('nr_inodes=2')
  writeFileSync(join(disk.path, 'file'), '')
  assert.match((await diagnose(machineCheck, { disks: [disk.path] })).get('machine/disk')?.what ?? '', / 0 % left .* 0 files/)
})

test('[O17] a backup that is older than a day and an hour, or is not there, is told', async (t) => {
  const backups = folder(t)
  const now = Date.now()
  const seen = async (path = backups): Promise<Finding | undefined> =>
    (await diagnose(machineCheck, { backups: [path], now: () => now })).get('machine/backup')
  assert.equal((await seen())?.level, 'fault')
  assert.equal((await seen(join(backups, 'missing')))?.level, 'fault')
  writeFileSync(join(backups, 'empty'), '')
  writeFileSync(join(backups, 'bongsu.db.partial'), 'half')
  assert.equal((await seen())?.level, 'fault')
  for (const [name, ageMs, level] of [
    ['older', DOCTOR_BOUNDS.backupMsMax + 1_000, 'warning'],
    ['newer', DOCTOR_BOUNDS.backupMsMax - 1_000, 'good'],
  ] as const) {
    writeFileSync(join(backups, name), 'a backup')
    utimesSync(join(backups, name), (now - ageMs) / 1_000, (now - ageMs) / 1_000)
    assert.equal((await seen())?.level, level)
    assert.equal((await seen(join(backups, name)))?.level, level)
  }
  const later = folder(t)
  mkdirSync(join(later, 'today'))
  assert.equal((await seen(later))?.level, 'fault', 'a folder with nothing in it is no backup')
  writeFileSync(join(later, 'today', 'base.tar'), 'a backup')
  assert.equal((await seen(later))?.level, 'good')
  const repository = folder(t)
  mkdirSync(join(repository, 'backup', 'bongsu', '20261201-010000F'), { recursive: true })
  writeFileSync(join(repository, 'backup', 'bongsu', '20261201-010000F', 'backup.manifest'), 'a backup')
  assert.equal((await seen(repository))?.level, 'good', 'as of pgBackRest')
  assert.equal((await diagnose(machineCheck, {})).get('machine/backup')?.level, 'warning')
})

test('[O17] a certificate that ends soon, has ended, is not trusted or is of another name is told', async (t) => {
  const made = folder(t)
  const [key, cert] = [join(made, 'key.pem'), join(made, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost']
  execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const pem = readFileSync(cert, 'utf8')
  const server = createServer({ key: readFileSync(key), cert: pem }).listen(0)
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const seen = async (host: string, now = Date.now()): Promise<readonly string[]> =>
    troubles(await diagnose(certificateCheck, { publicAddresses: [`https://${host}:${port}`, 'http://127.0.0.1:1'], now: () => now }))
  assert.deepEqual(await seen('localhost'), ['fault certificate/trusted'])
  const usual = getCACertificates('default')
  t.after(() => setDefaultCACertificates(usual))
  setDefaultCACertificates([...usual, pem])
  assert.deepEqual(await seen('localhost'), [])
  assert.deepEqual(await seen('127.0.0.1'), ['fault certificate/trusted'])
  const end = new X509Certificate(pem).validToDate.getTime()
  assert.deepEqual(await seen('localhost', end - DOCTOR_BOUNDS.certificateMsLeast), [])
  assert.deepEqual(await seen('localhost', end - DOCTOR_BOUNDS.certificateMsLeast + 1), ['warning certificate/age'])
  assert.deepEqual(await seen('localhost', end), ['fault certificate/age'])
  server.close()
  assert.deepEqual(await seen('localhost'), ['fault certificate/reached'])
})

test('[O17] a server that does not hear the others is told, and one of which that cannot be seen', async (t) => {
  let body = ''
  const server = createHttpServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const seen = async (health: object): Promise<readonly string[]> => {
    body = JSON.stringify(health)
    return troubles(await diagnose(serverCheck, { server: address }))
  }
  assert.deepEqual(await seen({ status: 'ready', bus: { deaf: false, others: 2 } }), [])
  assert.deepEqual(await seen({ status: 'ready', bus: { deaf: true, others: 2 } }), ['warning server/bus'])
  assert.deepEqual(await seen({ status: 'ready' }), ['warning server/bus'])
})

/** The command in this process. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Pick<Ended, 'code' | 'out'>> {
  const settings = readConfig(env)
  assert.ok(settings.ok)
  let out = ''
  const code = await doctor(args, { config: settings.config, out: (text) => (out += text), note: () => undefined, now: () => Date.now() })
  return { code, out }
}

interface Said {
  readonly faults: number
  readonly findings: readonly Finding[]
}

test('[O17] the command: a sound small installation, a warning, and one that stands still', async (t) => {
  const backup = join(folder(t), 'backup.db')
  writeFileSync(backup, 'a backup')
  // Not the folder for temporary files: on some machines it is memory.
  const sound = await startServerProcess(t, { directory: folder(t, '/var/tmp') })
  const settings = { BONGSU_DATA: sound.directory, BONGSU_PORT: String(sound.port) }
  const good = await bongsu(['doctor', '--json', '--backup', backup], settings)
  assert.deepEqual(
    (JSON.parse(good.out) as Said).findings.filter(({ level }) => level !== 'good').filter(({ check }) => check !== 'machine/disk'),
    [],
  )
  assert.deepEqual(
    (JSON.parse(good.out) as Said).findings.map(({ check }) => check),
    ['server/ready', 'server/bus', 'sqlite/file-system', 'machine/disk', 'machine/backup'],
  )
  const unnamed = await run([], settings)
  assert.ok(unnamed.code === 1 || unnamed.code === 2, 'a warning')
  assert.match(unnamed.out, /^warning {2}machine\/backup: No backup was named\.\n {9}Risk: .+\n {9}Do: {3}.+$/m)

  const disk = smallDisk(t)
  if (disk === null) return
  const full = await startServerProcess(t, { directory: disk.path })
  await full.kill()
  fill(join(disk.path, 'filler'))
  full.startAnyhow()
  await waitFor('a server that cannot write', () =>
    full.ready().then(
      ({ status }) => status === 503,
      () => false,
    ),
  )
  const bad = await run(['--json', '--backup', backup], { BONGSU_DATA: full.directory, BONGSU_PORT: String(full.port) })
  assert.equal(bad.code, 2)
  const { faults, findings } = JSON.parse(bad.out) as Said
  assert.deepEqual(
    findings.filter(({ level }) => level === 'fault').map(({ check }) => check),
    ['server/ready', 'sqlite/file-system', 'machine/disk'],
  )
  assert.equal(faults, 3)

  const nowhere = await run(['--json'], { BONGSU_DATA: join(disk.path, 'none'), BONGSU_PORT: String(await freePort()) })
  assert.deepEqual(
    (JSON.parse(nowhere.out) as Said).findings.slice(0, 2).map(({ check, level }) => `${level} ${check}`),
    ['fault server/ready', 'fault sqlite/database'],
  )
})

test('[O17] the command asks what the settings name, and what is asked for alone', async () => {
  const settings = { BONGSU_DATABASE: 'postgres://nobody@127.0.0.1:1/none', BONGSU_NATS: 'nats://127.0.0.1:1', BONGSU_ORIGINS: 'https://127.0.0.1:1' }
  const areas = ['--only', 'postgres', '--only', 'nats', '--only', 'certificate']
  const { code, out } = await run(['--json', ...areas], settings)
  assert.equal(code, 2)
  assert.deepEqual(
    (JSON.parse(out) as Said).findings.flatMap(({ check, level }) => (level === 'good' ? [] : [`${level} ${check}`])),
    ['fault postgres/reached', 'warning nats/reached', 'warning nats/size', 'fault certificate/reached'],
  )
  assert.equal((await run(['--only', 'nats'], settings)).code, 1)
  assert.equal((await run(['--only', 'nobody'])).code, 64)
})

test('[O17] a command that was not understood ends with 64, and a wrong setting with 78', async () => {
  assert.equal((await run(['--wrong'])).code, 64)
  assert.equal((await run(['file'])).code, 64)
  assert.match((await run(['--help'])).out, /Exit codes: 0 everything is good/)
  assert.equal((await bongsu(['doctor'], { BONGSU_PORT: 'x' })).code, 78)
})
