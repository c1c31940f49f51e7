import type { AccountId } from '@bongsu/protocol'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { ensureSite } from '../apps/server/src/site-build.ts'
import { addMessages, fill, type Filled } from './fill.ts'
import { median, spreadOf } from './percentiles.ts'
import { freePort } from './peers/peer.ts'
import { Impossible, removeFolder, ROOT, temporaryFolder } from './processes.ts'
import type { Figure } from './report.ts'
import { Broken, expectSound, onData, pause, TEXT, type Options, type Scenario } from './scenario.ts'
import { chromiumMissing, memoryOf, openPage, scrollThrough, SLOW, timeToPaint, withBrowser, withPhone, type Opened } from './web/browser.ts'
import { putSession, storedEntries } from './web/signed-in.ts'

const ROOMS = 200
const MEMBERS = 10
/** People in all; everybody is in every room's ring of MEMBERS, and the first in all of them. */
const PEOPLE = 60
/** Of the app, and of the list as it was last seen, which is there before the app is. */
const ROW = 'a.row'
/** Of the app alone. */
const OWN_ROW = '[data-testid="chat-row"]'
const DOOR = '[data-testid="submit"], [data-testid="invited"]'
/** Entries must have come to the device in this time. */
const ARRIVE_MS = 180_000

export const web: Scenario = async (options) => {
  const absent = chromiumMissing()
  if (absent !== null) throw new Impossible(`The web figures need ${absent}.`)
  if (!ensureSite(ROOT, console.error)) throw new Impossible('The web app does not build.')
  const perRoom = options.quick ? 50 : 500
  const tries = options.quick ? 2 : 7
  const directory = temporaryFolder()
  const data = join(directory, 'data')
  const port = await freePort()
  const site = `http://localhost:${port}/`
  try {
    const filled = await fill(data, { accounts: PEOPLE, groups: Array.from({ length: ROOMS }, (_, room) => companyOf(room)) })
    const onServer = <R>(body: () => Promise<R>): Promise<R> => onData(options, data, filled, body, { BONGSU_PORT: String(port) })
    const figures = await withBrowser(async (browser) => {
      const first = await onServer(() => firstVisits(options, browser, site, tries))
      const rest = await withPhone(browser, async (context) => {
        options.progress(`a device with ${ROOMS} rooms`)
        await onServer(() => signIn(context, site, filled))
        await addMessages(data, authors(filled), perRoom - 1, TEXT)
        return onServer(async () => {
          options.progress(`it gets ${(perRoom - 1) * ROOMS} messages`)
          await catchUp(context, site, ROOMS * perRoom)
          return withEverything(options, browser, context, site, tries)
        })
      })
      return [...first, ...rest]
    })
    return {
      scenario: 'web',
      about:
        `The built app in Chromium on a screen of 360 × 760, against the real server. A first visit shows the door; a visit from cache is that of a signed-in device with ${ROOMS} rooms and ` +
        `${(ROOMS * perRoom).toLocaleString('en-US')} stored messages, with its service worker, and ends when a row of the list of chats is painted, as it was last seen; the app’s own list, which takes its place, is told apart. CPU ${SLOW.cpu} × slower and slow 4G ` +
        `(${(SLOW.bytesDownPerSecond * 8) / 1e6} Mbit/s, ${SLOW.latencyMs} ms) are those of Chromium’s developer tools. The middle of ${tries} visits. Scrolling moves by a step in every frame; without a graphics card.`,
      figures,
    }
  } finally {
    removeFolder(directory)
  }
}

/** The first person and others of whom each room has another choice. */
function companyOf(room: number): number[] {
  return [0, ...Array.from({ length: MEMBERS - 1 }, (_, place) => 1 + ((room * 7 + place * 5) % (PEOPLE - 1)))]
}

async function firstVisits(options: Options, browser: Browser, site: string, tries: number): Promise<Figure[]> {
  const times = async (slow: { cpu?: boolean; network?: boolean }): Promise<number> => {
    const taken: number[] = []
    for (let count = 0; count < tries; count++) {
      taken.push(await withPhone(browser, async (context) => soundly(await openPage(context, slow), (one) => timeToPaint(one, site, DOOR))))
    }
    return median(taken)
  }
  options.progress('first visits')
  const scripts = await withPhone(browser, async (context) =>
    soundly(await openPage(context), async (one) => {
      // The service worker comes in its own time, and is part of what a first visit fetches.
      const found = new Set([new URL('/sw.js', site).href])
      one.page.on('request', (request) => void (request.resourceType() === 'script' && found.add(request.url())))
      await timeToPaint(one, site, DOOR)
      await pause(500)
      return [...found]
    }),
  )
  let bytes = 0
  for (const url of scripts) bytes += await gzipBytes(url)
  return [
    { name: 'scripts of the first load, service worker included, gzip', value: bytes / 1_000, unit: 'KB', goal: { atMost: 170 } },
    { name: 'first meaningful paint, first visit', value: await times({}), unit: 'ms' },
    { name: 'first meaningful paint, first visit, CPU 4× slower, slow 4G', value: await times({ cpu: true, network: true }), unit: 'ms' },
  ]
}

/** The app makes its database at the door; then it is given a session, and comes in. */
async function signIn(context: BrowserContext, site: string, { accounts, devices }: Filled): Promise<void> {
  const [accountId, device] = [accounts[0], devices[0]]
  if (accountId === undefined || device === undefined) throw new Error('There is nobody to sign in.')
  await soundly(await openPage(context), async (one) => {
    await timeToPaint(one, site, DOOR)
    await putSession(one.page, { token: device.token, deviceId: device.deviceId, accountId })
    await one.page.reload()
    await one.page.waitForSelector(OWN_ROW)
    // The entry by which each room was made.
    await arrived(one, ROOMS)
    await one.page.evaluate(async () => void (await navigator.serviceWorker.ready))
  })
}

async function catchUp(context: BrowserContext, site: string, entries: number): Promise<void> {
  await soundly(await openPage(context), async (one) => {
    await one.page.goto(site)
    await arrived(one, entries)
    // What is still written, and what the service worker keeps.
    await pause(2_000)
  })
}

/** Everything that was acknowledged is on the device, or there are no figures. */
async function arrived({ page }: Opened, entries: number): Promise<void> {
  const until = performance.now() + ARRIVE_MS
  let stored = 0
  while (performance.now() < until) {
    stored = await storedEntries(page)
    if (stored === entries) return
    if (stored > entries) break
    await pause(250)
  }
  throw new Broken('web', [`the device has stored ${stored} of ${entries} entries`])
}

async function withEverything(options: Options, browser: Browser, context: BrowserContext, site: string, tries: number): Promise<Figure[]> {
  const visit = async (one: Opened, row: string): Promise<number> => {
    const tookMs = await timeToPaint(one, site, row)
    if (!(await one.page.evaluate(() => navigator.serviceWorker.controller !== null))) throw new Error('The visit was not from cache.')
    return tookMs
  }
  const times = async (slow: { cpu?: boolean; network?: boolean }, row = ROW): Promise<number> => {
    const taken: number[] = []
    for (let count = 0; count < tries; count++) taken.push(await soundly(await openPage(context, slow), (one) => visit(one, row)))
    return median(taken)
  }
  options.progress('visits from cache')
  const plain = await times({})
  const slow = await times({ cpu: true })
  const slowBoth = await times({ cpu: true, network: true })
  const [own, ownSlow] = [await times({}, OWN_ROW), await times({ cpu: true }, OWN_ROW)]
  options.progress('memory and scrolling')
  const memory = await soundly(await openPage(context), async (one) => {
    await timeToPaint(one, site, OWN_ROW)
    await pause(3_000)
    const { heapBytes, pids } = await memoryOf(browser, one)
    return { heapBytes, residentBytes: Math.max(...pids.map(residentBytes)) }
  })
  const forMs = options.quick ? 1_500 : 5_000
  const scrolls: Figure[] = []
  for (const cpu of [false, true]) {
    const name = cpu ? ', CPU 4× slower' : ''
    await soundly(await openPage(context, { cpu }), async (one) => {
      await timeToPaint(one, site, OWN_ROW)
      await pause(1_000)
      scrolls.push(...smoothness(`list of chats${name}`, await scrollThrough(one, '[data-testid="chat-list"]', 24, forMs)))
      await one.page.locator(OWN_ROW).first().click()
      await one.page.waitForSelector('[data-testid="message"]')
      await pause(1_000)
      // The room opens where reading stopped, which is its beginning at the first time.
      const toLatest = one.page.locator('[data-testid="to-latest"]')
      if (await toLatest.isVisible()) await toLatest.click()
      await pause(1_000)
      scrolls.push(...smoothness(`a room, upwards${name}`, await scrollThrough(one, '[data-testid="log"]', -40, forMs)))
    })
  }
  return [
    { name: 'first meaningful paint, from cache', value: plain, unit: 'ms' },
    { name: 'first meaningful paint, from cache, CPU 4× slower', value: slow, unit: 'ms', goal: { atMost: 400 } },
    { name: 'first meaningful paint, from cache, CPU 4× slower, slow 4G', value: slowBoth, unit: 'ms' },
    { name: 'the app’s own list, from cache', value: own, unit: 'ms' },
    { name: 'the app’s own list, from cache, CPU 4× slower', value: ownSlow, unit: 'ms', goal: { atMost: 900 } },
    { name: 'JavaScript’s heap, garbage collected', value: memory.heapBytes / 2 ** 20, unit: 'MB' },
    { name: 'resident memory of the page’s process', value: memory.residentBytes / 2 ** 20, unit: 'MB' },
    ...scrolls,
  ]
}

/** A frame is late when a second one could have been drawn meanwhile. */
function smoothness(name: string, apartMs: readonly number[]): Figure[] {
  const { p50, p99 } = spreadOf(apartMs)
  const late = apartMs.filter((ms) => ms > 33).length / apartMs.length
  return [
    { name: `scrolling ${name}: frame p50`, value: p50, unit: 'ms' },
    { name: `scrolling ${name}: frame p99`, value: p99, unit: 'ms' },
    { name: `scrolling ${name}: frames later than 33 ms`, value: late * 100, unit: '%', goal: { atMost: 1 } },
  ]
}

/** A page that is closed after `body`, and in which nothing may have gone wrong. */
async function soundly<R>(opened: Opened, body: (opened: Opened) => Promise<R>): Promise<R> {
  try {
    const result = await body(opened)
    expectSound('web', opened.faults)
    return result
  } finally {
    await opened.page.close()
  }
}

/** For each conversation one who is in it. */
function authors({ accounts, devices }: Filled): Map<string, AccountId> {
  // Not the first: what they wrote themselves is not unread.
  return new Map(devices.slice(1).flatMap(({ cursors }, place) => cursors.map(([room]) => [room, accounts[place + 1] as AccountId] as const)))
}

/** As it is sent to a browser that takes gzip: the service worker, which is made last, is not compressed. */
function gzipBytes(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      let bytes = 0
      response.on('data', (part: Buffer) => (bytes += part.length))
      response.on('end', () => resolve(bytes))
      response.on('error', reject)
    }).on('error', reject)
  })
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1_024
}
