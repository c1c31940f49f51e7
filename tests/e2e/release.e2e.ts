import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createApi } from '@bongsu/client'
import type { ClientMessageId } from '@bongsu/protocol'
import { freePort } from './free-port.ts'
import { openRaw } from './raw-socket.ts'
import { waitFor } from './wait-for.ts'
import { got } from './world.ts'

// A release as its operators get it: made, unpacked elsewhere, and started on machines that have nothing for it.

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAM_BYTES_MAX = 80_000_000
const START_MS = 60_000
const folder = mkdtempSync(join(tmpdir(), 'bongsu-release-test-'))
const archives = join(folder, 'made')
/** The unpacked release. */
let release = ''

before(() => {
  makeRelease(archives)
  const [name = ''] = readdirSync(archives).filter((file) => file.endsWith('.tar.gz'))
  mkdirSync(join(folder, 'opt'))
  const unpacked = spawnSync('tar', ['-xzf', join(archives, name), '-C', join(folder, 'opt')], { encoding: 'utf8' })
  assert.equal(unpacked.status, 0, unpacked.stderr)
  release = join(folder, 'opt', name.replace('.tar.gz', ''))
})
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

function makeRelease(out: string): void {
  const made = spawnSync(process.execPath, ['tools/run.js', 'tools/release/release.ts', '--out', out], { cwd: ROOT, encoding: 'utf8' })
  assert.equal(made.status, 0, made.stdout + made.stderr)
}

/** A PATH on which nothing lies but, if given, a `node`. */
function pathWith(node: string | null): string {
  const path = mkdtempSync(join(folder, 'path-'))
  if (node !== null) symlinkSync(node, join(path, 'node'))
  return path
}

/** The machine's own Node.js where that is too old for Bongsu; elsewhere a program that says it is, and can do nothing else. */
function oldNode(): string {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'node'))
  const isOld = (path: string): boolean => Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 26
  const found = paths.find((path) => existsSync(path) && isOld(path))
  if (found !== undefined) return found
  const stand = join(folder, 'old-node')
  writeFileSync(stand, '#!/bin/sh\n[ "$1" = --version ] && echo v20.0.0 && exit 0\nexit 99\n')
  chmodSync(stand, 0o755)
  return stand
}

interface Machine {
  readonly url: string
  readonly statusUrl: string
  readonly env: Readonly<Record<string, string>>
  readonly data: string
}

async function machine(path: string): Promise<Machine> {
  const data = mkdtempSync(join(folder, 'data-'))
  const [port, statusPort] = [await freePort(), await freePort()]
  const env = {
    PATH: path,
    BONGSU_PORT: String(port),
    BONGSU_DATA: join(data, 'messenger'),
    BONGSU_STATUS_PORT: String(statusPort),
    BONGSU_STATUS_DATA: join(data, 'sentinel'),
  }
  return { url: `http://127.0.0.1:${port}`, statusUrl: `http://127.0.0.1:${statusPort}`, env, data }
}

function run({ env }: Pick<Machine, 'env'>, ...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(join(release, 'bin/bongsu'), args, { env, cwd: folder, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

interface Started {
  readonly said: () => string
  stop(): Promise<number | null>
}

async function start(t: TestContext, { env, url }: Machine, command: string): Promise<Started> {
  const child = spawn(join(release, 'bin/bongsu'), [command], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-100_000)))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM')
    return exited
  }
  t.after(stop)
  await waitFor(
    () => `the release to be ready. It said: ${said}`,
    () => {
      assert.equal(child.exitCode, null, said)
      return fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      )
    },
    { withinMs: START_MS },
  )
  return { said: () => said, stop }
}

test(
  '[O7] on a machine whose Node.js is too old both programs start, people join and talk, and the commands work',
  { timeout: 120_000 },
  async (t) => {
    const at = await machine(pathWith(oldNode()))
    const started = await start(t, at, 'start')
    await waitFor('the link of the first administrator', () => started.said().includes('#/invite/'))
    const code = /#\/invite\/([\w-]+)/.exec(started.said())?.[1] ?? ''
    const person = { handle: 'first', displayName: '첫째', password: '봉수대에 불이 오르면', deviceName: '시험' }
    const { token, profile } = got(await createApi({ baseUrl: at.url, token: () => null }).call('signUp', { body: { code, ...person } }))
    const api = createApi({ baseUrl: at.url, token: () => token })
    const { conversationId } = got(await api.call('openDirect', { params: { accountId: profile.accountId } }))
    const socket = await openRaw(t, at.url, token)
    socket.say({ t: 'send', id: randomUUID() as ClientMessageId, conversationId, body: { kind: 'text', text: '첫 봉화' } })
    assert.ok((await socket.next('accepted')).seq > 0)

    const page = await (await fetch(`${at.url}/`)).text()
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ''
    assert.equal((await fetch(at.url + script)).headers.get('content-type'), 'application/javascript; charset=utf-8', 'the built web app is inside')
    assert.equal((await fetch(`${at.statusUrl}/status.json`)).status, 200, 'so is the status page')
    for (const [path, words] of [
      ['/docs/guide', 'One unanswered send in each conversation'],
      ['/docs/spec', 'What Bongsu promises'],
      ['/docs/style.css', 'Pretendard Variable'],
    ] as const)
      assert.ok((await (await fetch(at.url + path)).text()).includes(words), `[W5] so are the documents for authors of clients: ${path}`)

    assert.equal(await started.stop(), 0, started.said())
    assert.match(run(at, 'verify').said, /Everything is as promised: \d+ accounts/)
    assert.match(run(at, 'record', 'verify').said, /\d/)
    assert.match(
      run(at, 'conformance', '--only', 'calm', '--', process.execPath, join(release, 'docs/guide/conformance-driver.ts')).said,
      /M4 {3}kept/,
    )
    assert.equal(run(at, 'no-such-command').status, 64)
  },
)

test(
  '[O7] on a machine without Node.js and without any other program the messenger starts alone; a link to the launcher is as good',
  { timeout: 60_000 },
  async (t) => {
    const at = await machine(pathWith(null))
    const started = await start(t, at, 'server')
    assert.equal((await fetch(`${at.url}/`)).status, 200)
    assert.equal(await started.stop(), 0, started.said())

    const links = mkdtempSync(join(folder, 'links-'))
    symlinkSync(join(release, 'bin/bongsu'), join(links, 'first'))
    symlinkSync('first', join(links, 'bongsu'))
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    assert.equal(spawnSync(join(links, 'bongsu'), ['version'], { encoding: 'utf8' }).stdout, `${version}\n`)
  },
)

test('[O7] without the Node.js it came with, a release says in one sentence what it needs', () => {
  const node = join(release, 'node')
  const aside = join(folder, 'node-aside')
  spawnSync('mv', [node, aside])
  try {
    assert.deepEqual(run({ env: { PATH: pathWith(null) } }, 'server'), {
      status: 1,
      said: `Bongsu needs Node.js 26 or newer. It is not in this release any more (${node}/bin/node), and on this machine there is: none.\n`,
    })
    assert.match(
      run({ env: { PATH: pathWith(oldNode()) } }, 'start').said,
      /^Bongsu needs Node\.js 26 or newer\. .* on this machine there is: v\d+\.[\d.]+\.\n$/,
    )
    assert.match(run({ env: { PATH: pathWith(process.execPath) } }, '--help').said, /bongsu start/, 'one that is new enough is as good')
    mkdirSync(join(node, 'bin'), { recursive: true })
    writeFileSync(join(node, 'bin/node'), 'not for this machine', { mode: 0o755 })
    assert.match(
      run({ env: { PATH: pathWith(null) } }, 'server').said,
      /^Bongsu: the Node\.js of this release does not run here \(.*\)\. It is for linux with glibc .* libatomic1/s,
    )
  } finally {
    rmSync(node, { recursive: true, force: true })
    spawnSync('mv', [aside, node])
  }
})

test('[O7] the release is small, names every part it has of others with its licence, and is the same when made again', { timeout: 120_000 }, (t) => {
  const size = (path: string): number =>
    Number(spawnSync('du', ['-s', '--apparent-size', '--block-size=1', path], { encoding: 'utf8' }).stdout.split('\t')[0])
  const beside = size(release) - size(join(release, 'node'))
  t.diagnostic(`the release takes ${(beside / 1e6).toFixed(1)} MB beside Node.js, which takes ${(size(join(release, 'node')) / 1e6).toFixed(1)} MB`)
  assert.ok(beside > 5_000_000 && beside <= PROGRAM_BYTES_MAX, `${beside} bytes`)

  const { components } = JSON.parse(readFileSync(join(release, 'sbom.cdx.json'), 'utf8')) as {
    components: readonly { group?: string; name: string; version: string }[]
  }
  const named = new Set(components.map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`))
  const notices = readFileSync(join(release, 'NOTICES.txt'), 'utf8')
  const installed = readdirSync(join(release, 'node_modules'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^(?:.*node_modules\/)?(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(path) && !path.startsWith('@bongsu/'))
    .map((path) => JSON.parse(readFileSync(join(release, 'node_modules', path), 'utf8')) as { name: string; version: string })
  assert.ok(installed.length > 50)
  for (const { name, version } of installed) {
    assert.ok(named.has(`${name} ${version}`), `${name} ${version} is not in the bill of materials`)
    assert.ok(notices.includes(`${name} ${version} (`), `${name} ${version} is not in the notices`)
  }
  for (const inBrowser of ['react', 'pretendard', 'workbox-precaching']) assert.match(notices, new RegExp(`^${inBrowser} \\d`, 'm'))
  assert.match(readFileSync(join(release, 'node/LICENSE'), 'utf8'), /Node\.js/)

  const again = join(folder, 'again')
  makeRelease(again)
  const sums = [archives, again].map((out) =>
    readdirSync(out).map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(join(out, file)))
          .digest('hex')}`,
    ),
  )
  assert.deepEqual(sums[0], sums[1])
})
