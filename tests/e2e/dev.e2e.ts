import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_MS = 60_000

test(
  '[DEV] npm run dev serves the app from its sources, starts the messenger anew when a file of it changes, and ends whole',
  { timeout: 120_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bongsu-dev-'))
    const [port, devPort] = [await freePort(), await freePort()]
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BONGSU_')))
    const env = { ...clean, BONGSU_PORT: String(port), BONGSU_DEV_PORT: String(devPort), BONGSU_DATA: join(folder, 'data') }
    const child = spawn(process.execPath, ['tools/run.js', 'tools/dev.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    t.after(async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    const app = `http://localhost:${devPort}`
    const answers = (url: string): Promise<boolean> =>
      fetch(url).then(
        (answer) => answer.ok,
        () => false,
      )
    const serves = (): Promise<boolean> => answers(`${app}/v1/server`)

    await waitFor(() => `both to answer. They said: ${said}`, serves, { withinMs: START_MS })
    assert.match(await (await fetch(app)).text(), /\/src\/main\.tsx/, 'the app is served from its sources')
    assert.ok(said.includes(`${app}/#/invite/`), 'the link of the first administrator leads to the app under work')
    const main = join(ROOT, 'apps/server/src/main.ts')
    utimesSync(main, new Date(), new Date())
    await waitFor(
      () => `the messenger to start anew. It said: ${said}`,
      () => said.split('Bongsu is listening.').length === 3,
      { withinMs: START_MS },
    )
    assert.match(said, /dev: apps\/server\/src\/main\.ts changed; the messenger starts anew\./)
    assert.equal(await serves(), true)

    child.kill('SIGTERM')
    assert.equal(await exited, 0, said)
    assert.deepEqual([await answers(app), await answers(`http://127.0.0.1:${port}/healthz`)], [false, false])
  },
)
