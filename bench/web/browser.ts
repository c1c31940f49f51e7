import { accessSync, constants } from 'node:fs'
import { removeFolder, temporaryFolder, whenInterrupted } from '../processes.ts'
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core'

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** As Chromium's own developer tools slow things down: "Slow 4G", and a CPU four times slower. */
export const SLOW = { cpu: 4, bytesDownPerSecond: 180_000, bytesUpPerSecond: 84_375, latencyMs: 562.5 } as const

export function chromiumMissing(): string | null {
  try {
    accessSync(PROGRAM, constants.X_OK)
    return null
  } catch {
    return `chromium (${PROGRAM})`
  }
}

/** A browser that calls nobody. The bench ends it; an interruption is the bench's own business too. */
export async function withBrowser<R>(body: (browser: Browser) => Promise<R>): Promise<R> {
  // It makes folders of its own beside its profile, which it forgets when it is ended.
  const folder = temporaryFolder()
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    env: { ...process.env, TMPDIR: folder },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  const ended = whenInterrupted(() => browser.close())
  try {
    return await body(browser)
  } finally {
    await browser.close()
    ended()
    removeFolder(folder)
  }
}

/** Somebody's telephone, with a storage of its own. */
export async function withPhone<R>(browser: Browser, body: (context: BrowserContext) => Promise<R>): Promise<R> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 760 },
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    hasTouch: true,
    isMobile: true,
  })
  context.setDefaultTimeout(120_000)
  try {
    return await body(context)
  } finally {
    await context.close()
  }
}

export interface Opened {
  readonly page: Page
  readonly session: CDPSession
  /** Errors of scripts; there may be none. */
  readonly faults: string[]
}

/** An empty page. `slow`: of what a device is slower at. */
export async function openPage(context: BrowserContext, slow: { readonly cpu?: boolean; readonly network?: boolean } = {}): Promise<Opened> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => void faults.push(String(error)))
  const session = await context.newCDPSession(page)
  if (slow.cpu === true) await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW.cpu })
  if (slow.network === true) {
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: SLOW.latencyMs,
      downloadThroughput: SLOW.bytesDownPerSecond,
      uploadThroughput: SLOW.bytesUpPerSecond,
    })
  }
  return { page, session, faults }
}

/**
 * Opens `url` and waits until what is looked for is painted.
 * @returns ms from the beginning of the navigation to when it was shown: the browser's own first contentful paint where nothing was painted before it,
 * else when the frame after it came into the document had been drawn.
 */
export async function timeToPaint({ page }: Opened, url: string, selector: string): Promise<number> {
  await page.addInitScript((wanted) => {
    const watcher = new MutationObserver(() => {
      if (document.querySelector(wanted) === null) return
      watcher.disconnect()
      performance.mark('bench-there')
      // The callback of a frame comes before it is drawn, and what is posted from there after.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.addEventListener('message', () => {
          performance.mark('bench-painted')
          console.log('bench-painted')
        })
        port1.start()
        port2.postMessage(null)
      })
    })
    watcher.observe(document, { childList: true, subtree: true })
  }, selector)
  // Only then is the page asked anything: what asks is a script of a third of a megabyte, which a slow page would have to read before it paints.
  const painted = page.waitForEvent('console', { predicate: (message) => message.text() === 'bench-painted' })
  await Promise.all([painted, page.goto(url, { waitUntil: 'load' })])
  return page.evaluate(() => {
    const at = (name: string): number => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN
    const contentful = at('first-contentful-paint')
    return contentful >= at('bench-there') ? contentful : at('bench-painted')
  })
}

/** Memory of the page: JavaScript's heap after garbage was collected, and the largest process that draws pages. In bytes. */
export async function memoryOf(browser: Browser, { session }: Opened): Promise<{ readonly heapBytes: number; readonly pids: readonly number[] }> {
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const root = await browser.newBrowserCDPSession()
  const { processInfo } = await root.send('SystemInfo.getProcessInfo')
  await root.detach()
  return { heapBytes: usedSize, pids: processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id) }
}

/**
 * Scrolls by a step in each frame, as a thumb that never rests does.
 * @returns ms between one frame and the next.
 */
export function scrollThrough({ page }: Opened, selector: string, stepPx: number, forMs: number): Promise<number[]> {
  return page.evaluate(
    ({ selector: wanted, stepPx: step, forMs: most }) =>
      new Promise<number[]>((resolve) => {
        const element = document.querySelector(wanted)
        const apart: number[] = []
        let last: number | null = null
        let startedAt: number | null = null
        const frame = (now: number): void => {
          startedAt ??= now
          if (last !== null) apart.push(now - last)
          last = now
          if (element === null || now - startedAt > most) resolve(apart)
          else {
            element.scrollTop += step
            requestAnimationFrame(frame)
          }
        }
        requestAnimationFrame(frame)
      }),
    { selector, stepPx, forMs },
  )
}
