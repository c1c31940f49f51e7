import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { freePort } from '../free-port.ts'
import { waitFor } from '../wait-for.ts'
import { wrapped, ZONE, type Engine, type Session, type Size } from './session.ts'

/** Longest start of a program on a busy machine. */
const startMs = 30_000
/** As root the sandbox cannot be made, and there may be no graphics card. */
const ENV = { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' }
/** The toolbar of the window would make it wider than a phone. */
const NO_TOOLBAR = 'window * { min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0; -gtk-icon-transform: scale(0); font-size: 1px; }'
/** What a display is larger than its window. */
const framePx = 20

/**
 * WebKit by W3C WebDriver: Debian's WebKitGTK. A driver has one window, so each window has a driver, and a display that nobody sees: without a window
 * manager the window under the pointer has the focus, and the pointer is in the middle of the display.
 */
export async function startWebKit(t: TestContext): Promise<Engine> {
  const binary = miniBrowser()
  const home = mkdtempSync(join(tmpdir(), 'bongsu-webkit-'))
  mkdirSync(join(home, 'gtk-3.0'))
  writeFileSync(join(home, 'gtk-3.0/gtk.css'), NO_TOOLBAR)
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return {
    name: 'webkit',
    async open(size) {
      const display = await startDisplay(t, size)
      const port = await freePort()
      const own = { DISPLAY: display, TZ: ZONE, HOME: home, XDG_CONFIG_HOME: home }
      const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env: { ...process.env, ...ENV, ...own }, stdio: 'ignore' })
      const url = `http://127.0.0.1:${port}`
      await waitFor(
        'the driver of WebKit',
        () =>
          fetch(`${url}/status`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { withinMs: startMs },
      )
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } } }
      const { sessionId } = await call<{ sessionId: string }>('POST', `${url}/session`, { capabilities })
      const session = `${url}/session/${sessionId}`
      t.after(async () => {
        // The driver ends the browser.
        await call('DELETE', session).catch(() => undefined)
        await end(driver)
      })
      return await sized(createSession(session), session, size)
    },
  }
}

function createSession(session: string): Session {
  return {
    go: (url) => call('POST', `${session}/url`, { url }),
    reload: () => call('POST', `${session}/refresh`, {}),
    run: (source, args) =>
      call('POST', `${session}/execute/async`, {
        script: `const [args, done] = arguments; (${wrapped(source)})(args).then((value) => done({ value }), (error) => done({ error: String(error) }))`,
        args: [args],
      }).then((answer: unknown) => {
        const { value, error } = answer as { value?: string; error?: string }
        if (value === undefined) throw new Error(error)
        return value
      }),
    act: (sources) => call('POST', `${session}/actions`, { actions: sources }),
    picture: async () => Buffer.from(await call<string>('GET', `${session}/screenshot`), 'base64'),
  }
}

/** The window has a frame, so it is made larger by what the contents lack. */
async function sized(session: Session, url: string, { width, height }: Size): Promise<Session> {
  const rect = { width, height }
  for (let tries = 0; tries < 3; tries++) {
    await call('POST', `${url}/window/rect`, { x: 0, y: 0, ...rect })
    const [innerWidth, innerHeight] = JSON.parse(await session.run('() => [innerWidth, innerHeight]', '[]')) as [number, number]
    if (innerWidth === width && innerHeight === height) return session
    rect.width += width - innerWidth
    rect.height += height - innerHeight
  }
  throw new Error(
    `the window cannot be ${width}×${height}: ${JSON.stringify([rect, JSON.parse(await session.run('() => [innerWidth, innerHeight, outerWidth, outerHeight]', '[]'))])}`,
  )
}

async function call<T = void>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } }
  if (!response.ok) throw new Error(`${url}: ${value.error}: ${value.message}`)
  return value
}

function miniBrowser(): string {
  const found = readdirSync('/usr/lib').map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
  const binary = found.find((path) => existsSync(path))
  if (binary === undefined) throw new Error('WebKit has no MiniBrowser: apt-get install webkit2gtk-driver')
  return binary
}

async function startDisplay(t: TestContext, { width, height }: Size): Promise<string> {
  const screen = `${width + framePx}x${height + 2 * framePx}x24`
  // Xvfb chooses the number of the display and writes it to this pipe.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  t.after(() => end(server))
  let said = ''
  ;(server.stdio[3] as Readable).on('data', (data: Buffer) => (said += data.toString()))
  await waitFor('a display', () => said.endsWith('\n'), { withinMs: startMs })
  return `:${said.trim()}`
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
