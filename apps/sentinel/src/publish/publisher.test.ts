import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { StatusDocument } from '@bongsu/protocol'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { EXAMPLES, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { createPages } from './pages.ts'
import { createPublisher } from './publisher.ts'
import type { Snapshot } from '../present/snapshot.ts'
import type { Target } from './target.ts'

async function world(t: TestContext, targets: readonly Target[] = [], folder = temporary(t)) {
  const clock = createSimulatedClock(NOW)
  const pages = createPages({ failed: (cause) => assert.fail(String(cause)), secure: false })
  const problems: { place: string; cause: unknown }[] = []
  const publisher = createPublisher({
    clock,
    options: { subscribeUrl: null, apiLanguage: 'ko' },
    pages,
    folder,
    targets,
    failed: (place, cause) => void problems.push({ place, cause }),
  })
  const address = await pages.app.listen({ port: 0, host: '127.0.0.1' })
  t.after(async () => {
    await publisher.stop()
    await pages.app.close()
  })
  const ask = (path: string): Promise<Response> => fetch(`${address}/${path}`)
  return { clock, publisher, problems, ask, page: async (path = '') => (await ask(path)).text() }
}

function temporary(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-publish-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const well = (measuredAt: number): Snapshot => ({ ...EXAMPLES.well(), madeAt: measuredAt, measuredAt })

test('[S2] half a minute after the last measurement the page stops being green by itself, and a new measurement restores it', async (t) => {
  const folder = temporary(t)
  const { clock, publisher, page } = await world(t, [], folder)
  publisher.publish(well(NOW))
  assert.match(await page(), /<h1>메신저가 잘 되고 있습니다/)
  clock.advance(30_000)
  assert.match(await page(), /<h1>메신저가 잘 되고 있습니다/)
  clock.advance(1_000)
  await publisher.idle()
  for (const text of [await page(), readFileSync(join(folder, 'index.html'), 'utf8')]) {
    assert.match(text, /<h1>지금 어떤지 저희도 모릅니다/)
    assert.doesNotMatch(text, /<h1>메신저가 잘 되고 있습니다/)
  }
  assert.match(await page('status.json'), /"condition":"unknown"/)
  publisher.publish(well(NOW + 31_000))
  await publisher.idle()
  for (const text of [await page(), readFileSync(join(folder, 'index.html'), 'utf8')]) assert.match(text, /<h1>메신저가 잘 되고 있습니다/)
})

test('[F7] only the sentinel’s own server says that it hears devices: no folder and no target does', async (t) => {
  const folder = temporary(t)
  const pushed: string[] = []
  const target: Target = { name: 'other', push: async (files) => void pushed.push(new TextDecoder().decode(files.get('status.json')?.body)) }
  const { publisher, page } = await world(t, [target], folder)
  publisher.publish(well(NOW))
  await publisher.idle()
  const { hears, ...document } = JSON.parse(await page('status.json')) as StatusDocument
  assert.equal(hears, true)
  for (const copy of [readFileSync(join(folder, 'status.json'), 'utf8'), ...pushed]) assert.deepEqual(JSON.parse(copy), document)
  assert.equal(pushed.length, 1)
})

test('[S15] only the running sentinel confirms a page as present, for half a minute, and no copy can', async (t) => {
  const folder = temporary(t)
  const pushed: string[] = []
  const target: Target = { name: 'other', push: async (files) => void pushed.push(...files.keys()) }
  const { clock, publisher, page, ask } = await world(t, [target], folder)
  publisher.publish(well(NOW))
  await publisher.idle()
  const name = /href="(live-\d+\.css)"/.exec(await page())?.[1] ?? assert.fail('no confirmation')
  const answer = await ask(name)
  assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store'])
  clock.advance(1_000)
  publisher.publish(well(NOW + 1_000))
  assert.equal((await ask(name)).status, 200, 'a page that is on its way')
  clock.advance(29_000)
  publisher.publish(well(NOW + 30_000))
  assert.equal((await ask(name)).status, 200)
  clock.advance(1_000)
  publisher.publish(well(NOW + 31_000))
  assert.equal((await ask(name)).status, 404)
  await publisher.idle()
  assert.ok(pushed.length > 0)
  assert.deepEqual(
    [...pushed, ...readdirSync(folder)].filter((path) => path.startsWith('live-')),
    [],
  )
  clock.advance(31_000)
  assert.equal((await ask(`live-${NOW + 31_000}.css`)).status, 404, 'nor an old page of a sentinel without evidence')
})

test('[S15] measuring alone does not hurry the targets, and a statement does', async (t) => {
  let pushes = 0
  const target: Target = { name: 'counts', push: async () => void pushes++ }
  const { clock, publisher } = await world(t, [target])
  for (let second = 0; second < 9; second++) {
    publisher.publish(well(NOW + second * 1_000))
    await publisher.idle()
    clock.advance(1_000)
  }
  assert.equal(pushes, 1)
  publisher.publish({ ...EXAMPLES.outage(), measuredAt: NOW + 9_000 })
  await publisher.idle()
  assert.equal(pushes, 2)
})

test('[S2] the first request after a sleep of the machine gets no green page, although no timer has run', async (t) => {
  const { clock, publisher, page } = await world(t)
  publisher.publish(well(NOW))
  clock.jump(3_600_000)
  assert.match(await page(), /지금 어떤지 저희도 모릅니다/)
})

test('[S2] evidence grows old even when the clock was set back', async (t) => {
  const { clock, publisher, page } = await world(t)
  publisher.publish(well(NOW))
  clock.jump(-59_000)
  for (let seconds = 0; seconds < 31; seconds++) {
    clock.advance(1_000)
    // The sentinel continues to make snapshots, but their evidence does not get newer.
    publisher.publish(well(NOW))
  }
  assert.match(await page(), /지금 어떤지 저희도 모릅니다/)
})

test('[S3] a hanging target and a failing folder delay neither each other nor the page', async (t) => {
  const root = temporary(t)
  writeFileSync(join(root, 'file'), '')
  const seen: number[] = []
  const hanging: Target = {
    name: 'hangs',
    push: (_files, cancelled) => new Promise((_resolve, reject) => cancelled.addEventListener('abort', () => reject(new Error('ended')))),
  }
  const failing: Target = { name: 'fails', push: () => Promise.reject(new Error('no room')) }
  const good: Target = { name: 'good', push: async (files) => void seen.push(files.size) }
  const { publisher, problems, page } = await world(t, [hanging, failing, good], join(root, 'file', 'below'))
  publisher.publish(EXAMPLES.well())
  publisher.publish(EXAMPLES.signIn())
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.match(await page(), /PC에서 로그인이 되지 않습니다/)
  assert.ok(problems.some(({ place }) => place === join(root, 'file', 'below')))
  assert.ok(problems.some(({ place, cause }) => place === 'fails' && cause instanceof Error))
  assert.ok(problems.every(({ place }) => place !== 'good'))
})
