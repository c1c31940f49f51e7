import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { EXAMPLES, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { CONFIRMATION, createRender, type Files } from './render.ts'
import { securityHeadersOf } from './pages.ts'
import type { Snapshot } from '../present/snapshot.ts'

const render = createRender({ subscribeUrl: '/subscribe', apiLanguage: 'ko' })
const at = (snapshot: Snapshot, measuredAt: number): Snapshot => ({ ...snapshot, madeAt: measuredAt, measuredAt })

/** A host that serves files without understanding them, like any web host an operator may use. It has a clock of its own. */
async function host(t: TestContext) {
  let files: Files = new Map()
  let up = true
  let time = NOW
  const server = createServer({}, (request, response) => {
    if (!up) return void request.socket.destroy()
    const path = new URL(request.url ?? '/', 'http://x').pathname.slice(1)
    const file = files.get(path === '' ? 'index.html' : path)
    response.writeHead(file === undefined ? 404 : 200, {
      ...securityHeadersOf(null, false),
      date: new Date(time).toUTCString(),
      'content-type': file?.type ?? 'text/plain',
    })
    response.end(file?.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  t.after(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    show: (next: Files) => void (files = next),
    goDown: () => void (up = false),
    /** Time passes at the host and in the browser together, with time for answers to arrive. */
    pass: async (page: Page, seconds: number): Promise<void> => {
      for (let passed = 0; passed < seconds; passed += 1) {
        time += 1_000
        await page.clock.runFor(1_000)
        await new Promise((resolve) => setTimeout(resolve, passed % 15 === 14 ? 100 : 10))
      }
    },
    now: () => time,
    open: async (
      options: { readonly clockAt?: number; readonly script?: boolean; readonly path?: string } = {},
    ): Promise<{ page: Page; faults: string[] }> => {
      const context = await browser.newContext({
        javaScriptEnabled: options.script ?? true,
        timezoneId: 'America/New_York',
        viewport: { width: 360, height: 740 },
      })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' && !/ERR_|Failed to load/.test(message.text())) faults.push(message.text())
      })
      if (options.script ?? true) await page.clock.install({ time: options.clockAt ?? NOW })
      await page.goto(url + (options.path ?? ''))
      return { page, faults }
    },
  }
}

const heading = (page: Page): Promise<string> => page.locator('h1:visible').innerText()

test('[S2] an open page turns to "no contact" by itself when publishing stops, on any host', async (t) => {
  const { show, pass, now, open } = await host(t)
  show(render(at(EXAMPLES.well(), now() - 1_000), false))
  const { page, faults } = await open()
  assert.equal(await heading(page), '메신저가 잘 되고 있습니다.')
  assert.match(await page.locator('#age').innerText(), /^\d초 전 측정/)
  await pass(page, 25)
  assert.equal(await heading(page), '메신저가 잘 되고 있습니다.')
  await pass(page, 10)
  assert.equal(await heading(page), '지금 어떤지 저희도 모릅니다.')
  for (const text of await page.locator('.state:visible').allInnerTexts()) assert.equal(text.trim(), '알 수 없음')
  assert.match(await page.title(), /지금 어떤지 저희도 모릅니다/)
  // The publisher is back, and so is the page.
  show(render(at(EXAMPLES.signIn(), now() + 10_000), false))
  await pass(page, 20)
  assert.match(await heading(page), /^PC에서 로그인이 되지 않습니다\./)
  assert.deepEqual(faults, [])
})

test('[TEXT] an age under a second is "just now", and an old measurement has its age in days', async (t) => {
  const { show, now, open } = await host(t)
  show(render(EXAMPLES.well(), false))
  for (const [path, just, later, long] of [
    ['', '방금 측정', '1초 전 측정', '2일 1시간 전 측정'],
    ['en/index.html', 'Measured just now', 'Measured 1 s ago', 'Measured 2 d 1 h ago'],
  ] as const) {
    const { page } = await open({ path })
    const age = page.locator('[data-age]')
    // The duration of this test does not matter: the browser's clock stands still.
    for (const [measuredAgoMs, words] of [
      [999, just],
      [1_000, later],
      [49 * 3_600_000, long],
    ] as const) {
      show(render(at(EXAMPLES.well(), now() - measuredAgoMs), false))
      await page.clock.setFixedTime(now())
      await page.reload()
      assert.equal(await age.innerText(), words)
    }
  }
})

test('[TEXT] words joined by a dot, and a share with its noun, stay on one line on any screen', async (t) => {
  const { show, open } = await host(t)
  for (const snapshot of [EXAMPLES.maintenance(), EXAMPLES.eightPercent()]) {
    show(render(snapshot, false))
    const { page } = await open()
    for (let width = 320; width <= 440; width += 4) {
      await page.setViewportSize({ width, height: 740 })
      assert.deepEqual(await page.evaluate(brokenWords), [], `${width} pixels`)
    }
  }
})

test('[TEXT] a number in a table stays on one line, and no table is wider than a phone', async (t) => {
  const { show, open } = await host(t)
  const well = EXAMPLES.well()
  // Entry numbers of a record that is some years old.
  const basis = { fromSeq: 112_345_678, toSeq: 112_445_678 }
  const components = well.components.map((state) => ({ ...state, days: state.days.map((day) => day && { ...day, basis }) }))
  show(render({ ...well, components }, false))
  for (const path of ['uptime.html', 'en/uptime.html', 'index.html', 'en/index.html']) {
    const { page } = await open({ path })
    await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)))
    for (const width of [320, 360, 412]) {
      await page.setViewportSize({ width, height: 740 })
      assert.deepEqual(await page.evaluate(brokenCells), [], `${path}, ${width} pixels`)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path}, ${width} pixels`)
      const [inside, around] = await page.evaluate(() => {
        const table = document.querySelector('table')
        return [table, table?.closest('.card')].map((each) => each?.scrollWidth ?? 0)
      })
      assert.ok((inside ?? 0) <= (around ?? 0), `${path}, ${width} pixels`)
    }
  }
})

/** Runs in the browser: numbers that are broken across lines. Two numbers with a dash between them may stand under one another. */
function brokenCells(): string[] {
  return [...document.querySelectorAll('tbody td, tbody th')].flatMap((cell) => {
    const range = document.createRange()
    range.selectNodeContents(cell)
    const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom / 8)))
    return lines.size > (cell.textContent.includes('–') ? 2 : 1) ? [cell.textContent] : []
  })
}

/** Runs in the browser: texts on two lines that belong on one. */
function brokenWords(): string[] {
  const found: string[] = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    for (const { 0: words, index } of (node.textContent ?? '').matchAll(/[가-힣]+\u2060?·\u2060?[가-힣]+|\d%\u2060?[가-힣]+/g)) {
      const range = document.createRange()
      range.setStart(node, index)
      range.setEnd(node, index + words.length)
      const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom / 8)))
      if (lines.size > 1) found.push(words)
    }
  }
  return found
}

test('[S2] an open page also says so when its host is gone', async (t) => {
  const { show, goDown, pass, now, open } = await host(t)
  show(render(at(EXAMPLES.well(), now() - 1_000), false))
  const { page, faults } = await open({ path: 'en/index.html' })
  assert.equal(await heading(page), 'The messenger is working.')
  goDown()
  await pass(page, 40)
  assert.equal(await heading(page), 'We do not know how it is now.')
  assert.deepEqual(faults, [])
})

test('[S2] a device with a wrong clock uses the clock of the host', async (t) => {
  for (const wrong of [-7_200_000, 7_200_000]) {
    const { show, pass, now, open } = await host(t)
    show(render(at(EXAMPLES.well(), now() - 1_000), false))
    const { page } = await open({ clockAt: now() + wrong })
    await pass(page, 3)
    assert.equal(await heading(page), '메신저가 잘 되고 있습니다.', `clock off by ${wrong} ms`)
    assert.match(await page.locator('#age').innerText(), /^(?:방금|\d초 전) 측정/)
    await pass(page, 45)
    assert.equal(await heading(page), '지금 어떤지 저희도 모릅니다.', `clock off by ${wrong} ms`)
  }
})

test('[S2] a page fetched from a host with old files is never green', async (t) => {
  const { show, pass, open } = await host(t)
  show(render(at(EXAMPLES.well(), NOW - 3_600_000), false))
  const { page } = await open()
  await pass(page, 1)
  assert.equal(await heading(page), '지금 어떤지 저희도 모릅니다.')
})

test('a reader who is entering an address is not disturbed and still sees changes', async (t) => {
  const { show, pass, now, open } = await host(t)
  show(render(at(EXAMPLES.well(), now() - 1_000), false))
  const { page } = await open()
  await page.fill('#email', 'someone@exam')
  show(render(at(EXAMPLES.well(), now() + 14_000), false))
  await pass(page, 20)
  assert.equal(await page.inputValue('#email'), 'someone@exam')
  assert.match(await page.locator('#age').innerText(), /^(?:방금|\d초 전) 측정/)
  show(render(at(EXAMPLES.outage(), now() + 9_000), false))
  await pass(page, 16)
  assert.match(await heading(page), /메시지를 주고받을 수 없습니다/)
})

test('[S15] without scripts, a copy never speaks of the present, and tells what was last known, with its time', async (t) => {
  const { show, open } = await host(t)
  for (const [name, path, words] of [
    ['well', '', ['지금 어떤지 저희도 모릅니다.', '2026년 11월 22일 (일) 11:06:20', '11:06:50까지만', '관측소 3곳', '02-000-0000']],
    ['signIn', 'en/index.html', ['We do not know how it is now.', '11:06:20', 'until 11:06:50 only', 'Signing in does not work on PCs.']],
  ] as const) {
    show(render(EXAMPLES[name](), false))
    const { page } = await open({ script: false, path })
    const text = await page.locator('.page').innerText()
    for (const each of words) assert.ok(text.includes(each), each)
    assert.equal(await page.locator('h1:visible').count(), 1)
    assert.equal(await page.locator('.state:not(.unknown):visible').count(), 0)
    assert.equal(await page.locator('.verdict:not(.lost):visible').count(), 0)
    assert.match(await page.title(), /^봉수 (?:상태|status)$/)
    // A phone shows the whole page without horizontal scrolling.
    const box = await page.locator('.page').boundingBox()
    assert.ok(box !== null && box.width <= 360)
  }
})

test('[S15] without scripts, the sentinel’s own server shows the present, until half a minute has passed', async (t) => {
  const { show, open } = await host(t)
  const name = `live-${NOW - 1_000}.css`
  show(new Map([...render(EXAMPLES.signIn(), false), [name, CONFIRMATION]]))
  const { page } = await open({ script: false })
  const text = await page.locator('.page').innerText()
  for (const words of ['PC에서 로그인이 되지 않습니다.', '메시지는 정상으로 오갑니다.', '7.8%', '관측소 3곳']) assert.ok(text.includes(words), words)
  assert.equal(await heading(page), 'PC에서 로그인이 되지 않습니다.\n메시지는 정상으로 오갑니다.')
  // The same with the time already over.
  const over = new TextEncoder().encode(new TextDecoder().decode(CONFIRMATION.body).replaceAll('25s', '0s'))
  show(new Map([...render(EXAMPLES.signIn(), false), [name, { ...CONFIRMATION, body: over }]]))
  assert.equal(await heading((await open({ script: false })).page), '지금 어떤지 저희도 모릅니다.')
})
