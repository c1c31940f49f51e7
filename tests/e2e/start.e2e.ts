import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PARTS = { messenger: 'apps/server/src/main.ts', sentinel: 'apps/sentinel/src/main.ts' } as const
/** Starts of two programs, on a machine that does other things; the web app may have to be built first. */
const START_MS = 120_000

interface Place {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly url: string
  readonly statusUrl: string
}

interface Started {
  readonly child: ChildProcess
  readonly said: () => string
  readonly exited: Promise<number | null>
  readonly pidOf: (part: keyof typeof PARTS) => number | null
}

async function place(t: TestContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-start-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [port, statusPort] = [await freePort(), await freePort()]
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    statusUrl: `http://127.0.0.1:${statusPort}`,
    env: {
      BONGSU_PORT: String(port),
      BONGSU_DATA: join(folder, 'data'),
      BONGSU_LOG: 'warn',
      BONGSU_STATUS_PORT: String(statusPort),
      BONGSU_STATUS_DATA: join(folder, 'sentinel-data'),
      BONGSU_STATUS_LOG: 'warn',
    },
  }
}

/** What `npm start` runs, or `npm start` itself. */
function start(
  t: TestContext,
  env: Readonly<Record<string, string>>,
  command: readonly string[] = [process.execPath, 'apps/server/src/start.ts'],
): Started {
  const [program = '', ...args] = command
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
  const child = spawn(program, args, { cwd: ROOT, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-100_000)))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
  })
  return { child, exited, said: () => said, pidOf: (part) => childOf(child.pid ?? 0, PARTS[part]) }
}

function argsOf(pid: number): string {
  return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout
}

function childOf(parent: number, file: string): number | null {
  const lines = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout.split('\n')
  const found = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).find((line) => Number(line?.[2]) === parent && line?.[3]?.includes(file))
  return found === undefined || found === null ? null : Number(found[1])
}

async function statusOf(url: string): Promise<number | null> {
  return fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
    async (answer) => {
      await answer.body?.cancel()
      return answer.status
    },
    () => null,
  )
}

async function untilBothAnswer({ url, statusUrl }: Place, { said, child }: Started): Promise<void> {
  await waitFor(
    () => `both to answer. They said: ${said()}`,
    async () => {
      assert.equal(child.exitCode, null, said())
      return (await statusOf(`${url}/readyz`)) === 200 && (await statusOf(`${statusUrl}/status.json`)) === 200
    },
    { withinMs: START_MS },
  )
}

const isAlive = (pid: number): boolean => spawnSync('kill', ['-0', String(pid)]).status === 0

test('[F6] people elsewhere are not told an address of this machine', async (t) => {
  const at = await place(t)
  const started = start(t, { ...at.env, BONGSU_ORIGINS: 'https://talk.example.kr' })
  await untilBothAnswer(at, started)
  const { statusUrl } = (await (await fetch(`${at.url}/v1/server`)).json()) as { statusUrl?: string }
  assert.equal(statusUrl, undefined)
  assert.match(started.said(), /until BONGSU_STATUS_URL is set/)
})

test('[S4, O4, O5] one start brings both; the messenger killed, the page stands and it comes back; one stop ends both', async (t) => {
  const at = await place(t)
  const started = start(t, at.env)
  await untilBothAnswer(at, started)
  const { app, link } = {
    app: /#\/invite\/[\w-]+/,
    link: new RegExp(`http://localhost:${at.env['BONGSU_STATUS_PORT']}/operator/set-up\\?link=[\\w-]+`),
  }
  await waitFor('both links to be printed', () => app.test(started.said()) && link.test(started.said()))
  const { statusUrl } = (await (await fetch(`${at.url}/v1/server`)).json()) as { statusUrl: string | null }
  assert.equal(statusUrl, `http://localhost:${at.env['BONGSU_STATUS_PORT']}`, 'the app is told where the page is')

  const [messenger, sentinel] = [started.pidOf('messenger'), started.pidOf('sentinel')]
  assert.ok(messenger !== null && sentinel !== null && messenger !== sentinel, 'each a process of its own')
  process.kill(messenger, 'SIGKILL')
  await waitFor('the messenger to be gone', () => !isAlive(messenger))
  assert.equal(await statusOf(`${at.statusUrl}/`), 200, 'the page stands')
  await untilBothAnswer(at, started)
  assert.match(started.said(), /The messenger ended \(128\) and restarts in 0\.2 s\./)
  assert.notEqual(started.pidOf('messenger'), messenger)
  assert.equal(started.pidOf('sentinel'), sentinel, 'what ends one does not end the other')

  const pids = [started.pidOf('messenger'), sentinel].filter((pid) => pid !== null)
  started.child.kill('SIGTERM')
  assert.equal(await started.exited, 0, started.said())
  assert.deepEqual([pids.length, pids.map(isAlive), await statusOf(at.url), await statusOf(at.statusUrl)], [2, [false, false], null, null])
})

test('[S4] each program is given its own settings and none of the other’s secrets', async (t) => {
  const at = await place(t)
  const secrets = {
    BONGSU_SENTINEL_KEY: 'a-key-that-both-of-them-have-to-know',
    BONGSU_STATUS_SMTP_URL: 'smtp://post:mail-password@127.0.0.1:9',
    BONGSU_STATUS_MAIL_FROM: 'status@example.kr',
    BONGSU_STATUS_S3: 'http://127.0.0.1:9/status',
    BONGSU_STATUS_S3_KEY_ID: 'bucket-key-id',
    BONGSU_STATUS_S3_SECRET: 'bucket-secret',
    BONGSU_STATUS_POSTS: `busan=${'p'.repeat(32)}`,
    BONGSU_CELL: 'first',
    OF_NOBODY: 'for everybody',
  }
  const started = start(t, { ...at.env, ...secrets, BONGSU_STATUS_SERVER: '' })
  await untilBothAnswer(at, started)
  const namesOf = (part: keyof typeof PARTS): ReadonlySet<string> => {
    const { stdout } = spawnSync('ps', ['eww', '-o', 'command=', '-p', String(started.pidOf(part))], { encoding: 'utf8' })
    return new Set([...stdout.matchAll(/(?<=\s)(BONGSU_\w+|OF_NOBODY|PATH)(?==)/g)].map(([name]) => name))
  }
  const own = {
    messenger: ['BONGSU_PORT', 'BONGSU_DATA', 'BONGSU_LOG', 'BONGSU_CELL', 'BONGSU_STATUS_URL'],
    sentinel: Object.keys(secrets).slice(1, 7),
  }
  const [messenger, sentinel] = [namesOf('messenger'), namesOf('sentinel')]
  assert.deepEqual(messenger, new Set([...own.messenger, 'BONGSU_SENTINEL_KEY', 'OF_NOBODY', 'PATH']))
  for (const name of [...own.sentinel, 'BONGSU_STATUS_PORT', 'BONGSU_SENTINEL_KEY', 'OF_NOBODY', 'PATH']) assert.ok(sentinel.has(name), name)
  assert.deepEqual(
    [...sentinel].filter((name) => name.startsWith('BONGSU_') && !name.startsWith('BONGSU_STATUS_')),
    ['BONGSU_SENTINEL_KEY'],
  )
  // The sentinel’s own page says whom it watches: a setting that is set to nothing is not set.
  await waitFor(
    'the messenger to be found',
    async () => {
      const page = (await (await fetch(`${at.statusUrl}/status.json`)).json()) as { components: readonly { condition: string }[] }
      return page.components.some(({ condition }) => condition === 'operational')
    },
    { withinMs: START_MS },
  )
})

test('[O4] killed itself, it leaves nobody behind, and can be started anew at once; a second one on the same data is refused', async (t) => {
  const at = await place(t)
  const first = start(t, at.env)
  await untilBothAnswer(at, first)
  const pids = [first.pidOf('messenger'), first.pidOf('sentinel')].filter((pid) => pid !== null)
  first.child.kill('SIGKILL')
  await first.exited
  await waitFor('both to be gone', () => pids.length === 2 && !pids.some(isAlive), { withinMs: 20_000 })

  const again = start(t, at.env)
  await untilBothAnswer(at, again)
  const elsewhere = { BONGSU_PORT: String(await freePort()), BONGSU_STATUS_PORT: String(await freePort()) }
  const second = start(t, { ...at.env, ...elsewhere })
  assert.equal(await second.exited, 1)
  assert.match(second.said(), /Another Bongsu server uses this data directory/)
  const third = start(t, { ...at.env, ...elsewhere, BONGSU_DATA: join(at.folder, 'other') })
  await waitFor('the sentinel’s failure to be told', () => /The sentinel could not start: .*Another sentinel/s.test(third.said()), {
    withinMs: START_MS,
  })
  await waitFor(
    () => `the messenger to serve without its sentinel. It said: ${third.said()}`,
    async () => (await statusOf(`http://127.0.0.1:${elsewhere.BONGSU_PORT}/readyz`)) === 200,
    { withinMs: START_MS },
  )
  assert.deepEqual([await statusOf(`${at.url}/readyz`), await statusOf(`${at.statusUrl}/status.json`)], [200, 200], 'the first goes on')
})

test('[O4] settings of either that cannot be used: all are told at once, with 78, and nothing is begun', async (t) => {
  const { folder, env } = await place(t)
  const both = start(t, {
    ...env,
    BONGSU_HEARTBEAT_MS: 'often',
    BONGSU_PROT: '1',
    BONGSU_STATUS_TIME_ZONE: 'Seoul',
    BONGSU_STATUS_MAIN: 'https://a.kr',
  })
  assert.equal(await both.exited, 78)
  for (const name of ['BONGSU_HEARTBEAT_MS', 'BONGSU_PROT', 'BONGSU_STATUS_TIME_ZONE', 'BONGSU_STATUS_POST_KEY'])
    assert.match(both.said(), new RegExp(name))
  const sentinelAlone = start(t, { ...env, BONGSU_STATUS_LANGUAGE: 'fr' })
  assert.equal(await sentinelAlone.exited, 78)
  assert.match(sentinelAlone.said(), /^Bongsu cannot start with these settings:\n {2}- BONGSU_STATUS_LANGUAGE must be one of: ko, en\.\n$/)
  assert.deepEqual([existsSync(join(folder, 'data')), existsSync(join(folder, 'sentinel-data'))], [false, false])
})

/** All processes below this one. */
function descendantsOf(pid: number): readonly number[] {
  const lines = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const childrenOf = (parent: number): number[] => pairs.flatMap(([child = 0, above]) => (above === parent ? [child, ...childrenOf(child)] : []))
  return childrenOf(pid)
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const) {
  test(`[O4] ${signal} to npm start ends every process it started, and frees ports and locks`, async (t) => {
    const at = await place(t)
    const started = start(t, at.env, ['npm', 'start'])
    await untilBothAnswer(at, started)
    const pids = descendantsOf(started.child.pid ?? 0)
    t.after(() => pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')))
    assert.ok(pids.length >= 3, 'the supervisor and both programs')
    started.child.kill(signal)
    await started.exited
    await waitFor(
      () => `every process to end. Left: ${pids.filter(isAlive).join()}`,
      () => !pids.some(isAlive),
      { withinMs: 20_000 },
    )
    assert.deepEqual([await statusOf(at.url), await statusOf(at.statusUrl)], [null, null])
  })
}

test('[O4] a program that dies with its supervisor before it was ready leaves nobody behind', async (t) => {
  const at = await place(t)
  const started = start(t, at.env)
  await waitFor('the messenger to start', () => started.pidOf('messenger') !== null, { withinMs: START_MS, everyMs: 5 })
  const pids = descendantsOf(started.child.pid ?? 0)
  t.after(() => pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')))
  started.child.kill('SIGKILL')
  await waitFor('it to end', () => !pids.some(isAlive), { withinMs: 20_000 })
})

for (const [locale, running] of [
  ['ko_KR.UTF-8', '봉수가 켜졌어요'],
  ['C.UTF-8', 'Bongsu is running'],
] as const) {
  test(`[O9] in a terminal (${locale}) a start shows addresses and links together, in words, and no JSON`, async (t) => {
    const at = await place(t)
    // `script` gives the program a terminal. Its own input stays open.
    const started = start(t, { ...at.env, BONGSU_LOG: 'info', LC_ALL: locale }, ['script', '-qfec', 'npm start', '/dev/null'])
    await untilBothAnswer(at, started)
    await waitFor('the glance', () => started.said().includes(running), { withinMs: 20_000 })
    await waitFor('both links', () => /#\/invite\/[\w-]+/.test(started.said()) && /set-up\?link=[\w-]+/.test(started.said()))
    const said = started.said()
    for (const address of [`http://localhost:${at.env['BONGSU_PORT']}`, `http://localhost:${at.env['BONGSU_STATUS_PORT']}`])
      assert.ok(said.includes(address))
    assert.doesNotMatch(said, /\{"level"/)
    assert.equal(said.split('invite/').length, 2, 'each link once')

    // A restarted sentinel makes a new link, and the one shown before is of no use any more. The messenger's stays valid and is not shown again.
    const kill = (part: keyof typeof PARTS): void => {
      const isPart = (pid: number): boolean => argsOf(pid).includes(PARTS[part])
      process.kill(descendantsOf(started.child.pid ?? 0).find(isPart) ?? assert.fail(`no ${part}`), 'SIGKILL')
    }
    kill('messenger')
    await waitFor('the messenger to be gone', async () => (await statusOf(`${at.url}/readyz`)) === null, { everyMs: 5 })
    await untilBothAnswer(at, started)
    kill('sentinel')
    const operatorLinks = (): ReadonlySet<string> => new Set(started.said().match(/set-up\?link=[\w-]+/g))
    await waitFor('a new link', () => operatorLinks().size === 2, { withinMs: START_MS })
    const [code] = /(?<=#\/invite\/)[\w-]+/.exec(started.said()) ?? assert.fail('no link')
    const answer = await fetch(`${at.url}/v1/invites/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    assert.equal(answer.status, 200, 'the first link is still good')
    assert.equal(started.said().split('invite/').length, 2, 'and is not shown again')
  })
}
