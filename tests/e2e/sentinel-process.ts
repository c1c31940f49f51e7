import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { START_MS } from './server-process.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A real sentinel in a process of its own. */
export interface SentinelProcess {
  readonly url: string
  readonly directory: string
  readonly pid: number
  readonly said: string
  readonly exited: Promise<number | null>
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
  kill(signal: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

/** @param env settings besides those that every test needs. */
export async function startSentinelProcess(
  t: { after(run: () => Promise<void> | void): void },
  env: Readonly<Record<string, string>>,
  unready = false,
): Promise<SentinelProcess> {
  const directory = env['BONGSU_STATUS_DATA'] ?? mkdtempSync(join(tmpdir(), 'bongsu-sentinel-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let said = ''
  let child: ChildProcess
  let exited: Promise<number | null> = Promise.resolve(null)

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(5_000) })
    return { status: answer.status, text: await answer.text() }
  }
  async function start(): Promise<void> {
    child = spawn(process.execPath, ['apps/sentinel/src/main.ts'], {
      cwd: ROOT,
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_'))),
        BONGSU_STATUS_PORT: String(port),
        // A name, as passkeys need one.
        BONGSU_STATUS_URL: url.replace('127.0.0.1', 'localhost'),
        BONGSU_STATUS_DATA: directory,
        BONGSU_STATUS_ONLINE_CHECKS: 'none',
        BONGSU_STATUS_LOG: 'warn',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-100_000)))
    exited = new Promise((resolve) => child.once('exit', resolve))
    if (unready) return
    await waitFor(
      () => `the sentinel to be ready. It said: ${said}`,
      async () => (await get('/status.json').catch(() => null))?.status === 200,
      { withinMs: START_MS },
    )
  }
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
    if (env['BONGSU_STATUS_DATA'] === undefined) rmSync(directory, { recursive: true, force: true })
  })
  await start()
  return {
    url,
    directory,
    get pid() {
      return child.pid ?? 0
    },
    get said() {
      return said
    },
    get exited() {
      return exited
    },
    get,
    async kill(signal) {
      child.kill(signal)
      await exited
    },
    start,
  }
}
