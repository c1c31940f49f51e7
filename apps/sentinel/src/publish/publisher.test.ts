import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { EXAMPLES, NOW } from './example-snapshots.ts'
import { createPages } from './pages.ts'
import { createPublisher, type PublishProblem } from './publisher.ts'
import type { Snapshot } from './snapshot.ts'
import type { Target } from './target.ts'

async function world(t: TestContext, targets: readonly Target[] = [], folder: string | null = null) {
  const clock = createSimulatedClock(NOW)
  const pages = await createPages({ failed: (cause) => assert.fail(String(cause)), secure: false })
  const problems: PublishProblem[] = []
  const publisher = createPublisher({
    clock,
    options: { subscribeUrl: null, webhookUrl: null, apiLanguage: 'ko' },
    pages,
    folder,
    targets,
    report: (problem) => void problems.push(problem),
  })
  const address = await pages.app.listen({ port: 0, host: '127.0.0.1' })
  t.after(async () => {
    await publisher.stop()
    await pages.app.close()
  })
  return { clock, publisher, problems, page: async (path = '') => (await fetch(`${address}/${path}`)).text() }
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
  assert.match(await page(), /메신저가 잘 되고 있습니다/)
  clock.advance(30_000)
  assert.match(await page(), /메신저가 잘 되고 있습니다/)
  clock.advance(1_000)
  await publisher.idle()
  for (const text of [await page(), readFileSync(join(folder, 'index.html'), 'utf8')]) {
    assert.match(text, /저희 관측과 연락이 끊겼습니다/)
    assert.doesNotMatch(text, /메신저가 잘 되고 있습니다/)
  }
  assert.match(await page('status.json'), /"condition":"unknown"/)
  publisher.publish(well(NOW + 31_000))
  await publisher.idle()
  for (const text of [await page(), readFileSync(join(folder, 'index.html'), 'utf8')]) assert.match(text, /메신저가 잘 되고 있습니다/)
})

test('[S2] the first request after a sleep of the machine gets no green page, although no timer has run', async (t) => {
  const { clock, publisher, page } = await world(t)
  publisher.publish(well(NOW))
  clock.jump(3_600_000)
  assert.match(await page(), /저희 관측과 연락이 끊겼습니다/)
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
  assert.match(await page(), /저희 관측과 연락이 끊겼습니다/)
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
  assert.ok(problems.some((problem) => problem.kind === 'folder'))
  assert.ok(problems.some((problem) => problem.kind === 'target' && problem.target === 'fails' && problem.cause instanceof Error))
  assert.ok(problems.some((problem) => problem.kind === 'target' && problem.target === 'good' && problem.cause === null))
})
