import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'

/** Pictures of each screen land here; git ignores the folder. Look at them. */
const PICTURES = fileURLToPath(new URL('../../screenshots/', import.meta.url))

/** Chromium from the system, told not to call anybody. */
export const CHROMIUM = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

export async function openBrowser(t: TestContext): Promise<Browser> {
  const browser = await chromium.launch(CHROMIUM)
  t.after(() => browser.close())
  return browser
}

export interface Look {
  readonly width: 360 | 1280
  readonly language?: 'ko' | 'en'
  readonly theme?: 'light' | 'dark'
}

/** One person's browser, with a storage of its own. */
export async function openContext(browser: Browser, { width, language = 'ko', theme = 'light' }: Look): Promise<BrowserContext> {
  const phone = width === 360
  const context = await browser.newContext({
    viewport: { width, height: phone ? 760 : 800 },
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: theme,
    hasTouch: phone,
    isMobile: phone,
  })
  context.setDefaultTimeout(15_000)
  return context
}

/** A page whose script errors fail the test: nothing may go wrong silently, nor be refused by the content security policy. */
export async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // A server that is down is part of these tests; the browser reports each refused connection by itself.
    if (message.type() === 'error' && !/ERR_|WebSocket connection|Failed to load resource/.test(message.text())) faults.push(message.text())
  })
  await page.goto(url)
  return { page, faults }
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

export const by = (page: Page | Locator, id: string): Locator => page.locator(`[data-testid="${id}"]`)

export async function signUp(page: Page, who: { handle: string; displayName: string; password: string }): Promise<void> {
  await by(page, 'display-name').fill(who.displayName)
  await by(page, 'handle').fill(who.handle)
  await by(page, 'password').fill(who.password)
  await by(page, 'submit').click()
  await by(page, 'tab-friends').first().waitFor()
}

/** Texts of the messages on the screen, oldest first. */
export async function messages(page: Page): Promise<string[]> {
  return by(page, 'message').evaluateAll((nodes) => nodes.map((node) => node.querySelector('.bubble, .bubble-large')?.textContent ?? ''))
}
