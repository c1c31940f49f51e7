import { spawn, type ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './files.ts'

const HELP = `npm run dev                  the messenger and the web app, each anew when its sources change
npm run dev -- --sentinel    the sentinel and its status page as well

Open http://localhost:5173. Data lies in ./data/dev; BONGSU_DATA=./data/demo takes the town of npm run demo.
Settings are read from the environment as by npm start; BONGSU_DEV_PORT is the port of the web app.`

/** Changes that come within this time are one restart: editors write a file in several steps. */
const SETTLE_MS = 150
/** A stop that takes longer is ended. */
const STOP_MS = 5_000

interface Part {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folders whose changes start it anew. The web app watches for itself. */
  readonly sources: readonly string[]
}

if (process.argv.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}

const { BONGSU_DEV_PORT = '5173', ...given } = process.env
const port = given['BONGSU_PORT'] ?? '8080'
const origins = [BONGSU_DEV_PORT, port].flatMap((each) => [`http://localhost:${each}`, `http://127.0.0.1:${each}`])
const env = { BONGSU_DATA: './data/dev', BONGSU_STATUS_DATA: './data/dev-sentinel', ...given, BONGSU_PORT: port }
const withSentinel = process.argv.includes('--sentinel')
const statusUrl = withSentinel ? `http://localhost:${given['BONGSU_STATUS_PORT'] ?? '8090'}` : ''
const messenger: Part = {
  name: 'messenger',
  command: process.execPath,
  args: ['apps/server/src/main.ts'],
  env: {
    BONGSU_ORIGINS: origins.join(','),
    BONGSU_STATUS_URL: statusUrl,
    ...only((name) => !name.startsWith('BONGSU_STATUS_') || name === 'BONGSU_STATUS_URL'),
  },
  sources: ['apps/server/src', 'packages'],
}
const web: Part = {
  name: 'web app',
  command: join(ROOT, 'node_modules/.bin/vite'),
  args: ['apps/web', '--port', BONGSU_DEV_PORT, '--strictPort', '--clearScreen', 'false'],
  env,
  sources: [],
}
const sentinel: Part = {
  name: 'sentinel',
  command: process.execPath,
  args: ['apps/sentinel/src/main.ts'],
  env: {
    BONGSU_STATUS_SERVER: `http://localhost:${port}`,
    BONGSU_STATUS_KEY_FILE: join(env.BONGSU_DATA, 'sentinel-key'),
    ...only((name) => name.startsWith('BONGSU_STATUS_') || !name.startsWith('BONGSU_')),
  },
  sources: ['apps/sentinel/src', 'packages'],
}

const stops = [messenger, web, ...(withSentinel ? [sentinel] : [])].map(keep)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    void Promise.all(stops.map((stop) => stop())).then(() => process.exit(0))
  })

/** The environment without the settings that a program would not know, and would refuse. */
function only(isIts: (name: string) => boolean): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isIts(name)))
}

/** Runs a part, anew after each change of its sources. What ends by itself waits for the next change: it is being worked on. @returns stops it for good. */
function keep(part: Part): () => Promise<void> {
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | undefined
  let turn = Promise.resolve()
  let stopped = false

  function start(): void {
    const started = spawn(part.command, part.args, { cwd: ROOT, env: part.env, stdio: ['ignore', 'inherit', 'inherit'] })
    child = started
    started.once('error', (error) => console.error(`dev: the ${part.name} could not be started: ${error.message}`))
    started.once('exit', (code, signal) => {
      if (child !== started) return
      child = null
      console.error(`dev: the ${part.name} ended (${signal ?? code}).${part.sources.length > 0 ? ' It starts again at the next change.' : ''}`)
    })
  }

  async function end(): Promise<void> {
    const last = child
    child = null
    if (last === null) return
    const gone = new Promise((resolve) => last.once('exit', resolve))
    last.kill('SIGTERM')
    const late = setTimeout(() => last.kill('SIGKILL'), STOP_MS)
    await gone
    clearTimeout(late)
  }

  async function restart(file: string): Promise<void> {
    if (stopped) return
    console.error(`dev: ${file} changed; the ${part.name} starts anew.`)
    await end()
    if (!stopped) start()
  }

  const watchers = part.sources.map((folder) =>
    watch(join(ROOT, folder), { recursive: true }, (_, name) => {
      if (name === null || name.endsWith('.test.ts')) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        turn = turn.then(() => restart(join(folder, name)))
      }, SETTLE_MS)
    }),
  )
  start()
  return async () => {
    stopped = true
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
    await turn
    await end()
  }
}
