import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type Locator } from 'playwright-core'
import { DEMO_PASSWORD } from './fill.ts'

// What `npm run pictures` runs: starts the demo town and writes the pictures of the README to docs/pictures.

const ROOT = join(import.meta.dirname, '..')
const PICTURES = join(ROOT, 'docs/pictures')
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const START_MS = 120_000
/** Unread numbers and names arrive after the texts. */
const SETTLE_MS = 2_500
/** Larger pictures make the page of the repository slow. */
const PICTURE_BYTES_MAX = 300_000

interface Picture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
  readonly phone: boolean
  /** Local hour of the town: the town is quiet at night, and its texts speak of the time of day. */
  readonly hour: number
  readonly handle: string
  readonly room: string
}

const WANTED: readonly Picture[] = [
  { name: 'day', width: 1280, height: 800, theme: 'light', phone: false, hour: 14, handle: 'soyeon', room: '달여울 사람들' },
  { name: 'night', width: 390, height: 844, theme: 'dark', phone: true, hour: 21, handle: 'soyeon', room: '우리집 🍎' },
]

if (!existsSync(CHROMIUM)) {
  process.stderr.write(`There is no Chromium at ${CHROMIUM}. Install Debian's package chromium, or set CHROMIUM to the path of one.\n`)
  process.exit(1)
}
mkdirSync(PICTURES, { recursive: true })
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'] })
try {
  for (const wanted of WANTED) await take(browser, wanted)
} finally {
  await browser.close()
}

/** A time zone in which it is about this hour now. */
function zoneAt(hour: number): string {
  const ahead = ((hour - new Date().getUTCHours() + 36) % 24) - 12
  // The sign in these names is the opposite of the usual one.
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}

async function take(opened: Browser, { name, width, height, theme, phone, hour, handle, room }: Picture): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-pictures-'))
  const timezoneId = zoneAt(hour)
  const [port, statusPort] = [await freePort(), await freePort()]
  const town = startTown({
    TZ: timezoneId,
    BONGSU_PORT: String(port),
    BONGSU_DATA: join(folder, 'data'),
    BONGSU_LOG: 'error',
    BONGSU_STATUS_PORT: String(statusPort),
    BONGSU_STATUS_DATA: join(folder, 'sentinel'),
    BONGSU_STATUS_LOG: 'error',
  })
  try {
    await untilReady(`http://localhost:${port}/readyz`, town)
    const context = await opened.newContext({
      viewport: { width, height },
      deviceScaleFactor: phone ? 2 : 1,
      locale: 'ko-KR',
      timezoneId,
      colorScheme: theme,
      hasTouch: phone,
      isMobile: phone,
      reducedMotion: 'reduce',
    })
    // Whatever the sentinel thinks of a busy machine.
    await context.route('**/status.json*', (route) => route.abort())
    const page = await context.newPage()
    // A mouse that rests on a message brings its menu, so a phone gets a finger.
    const press = (what: Locator): Promise<void> => (phone ? what.tap() : what.click())
    await page.goto(`http://localhost:${port}`)
    await page.locator('[data-testid="handle"]').fill(handle)
    await page.locator('[data-testid="password"]').fill(DEMO_PASSWORD)
    await press(page.locator('[data-testid="submit"]'))
    await press(page.getByText(room, { exact: true }).first())
    await page.locator('[data-testid="message"]').last().waitFor()
    // A room with much unread opens where its reading stopped.
    const toLatest = page.locator('[data-testid="to-latest"]')
    if (await toLatest.isVisible()) await press(toLatest)
    await page.evaluate(() => document.fonts.ready.then(() => undefined))
    if (!phone) await page.mouse.move(0, 0)
    await sleep(SETTLE_MS)
    const path = join(PICTURES, `${name}.png`)
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
    const { size } = statSync(path)
    process.stdout.write(`docs/pictures/${name}.png: ${width} wide, ${Math.round(size / 1_000)} KB\n`)
    if (size > PICTURE_BYTES_MAX) throw new Error(`${name}.png has ${size} bytes, more than ${PICTURE_BYTES_MAX}.`)
    await context.close()
  } finally {
    await end(town)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function startTown(settings: Readonly<Record<string, string>>): ChildProcess {
  const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('BONGSU_'))
  const env = { ...Object.fromEntries(inherited), ...settings }
  return spawn(process.execPath, [join(import.meta.dirname, 'demo.ts')], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function untilReady(url: string, town: ChildProcess): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < START_MS) {
    if (town.exitCode !== null) throw new Error('The demo town ended before it was ready; see above.')
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok === true) return
    await sleep(100)
  }
  throw new Error(`The demo town was not ready within ${START_MS / 1_000} s.`)
}

async function end(town: ChildProcess): Promise<void> {
  if (town.exitCode !== null || town.signalCode !== null) return
  const gone = new Promise((resolve) => town.once('exit', resolve))
  town.kill('SIGTERM')
  await gone
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
