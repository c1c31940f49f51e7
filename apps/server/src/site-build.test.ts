import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ensureSite, siteState, siteStep } from './site-build.ts'

function project(t: TestContext, files: Readonly<Record<string, number>>): string {
  const root = mkdtempSync(join(tmpdir(), 'bongsu-site-build-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [file, changedAt] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '')
    utimesSync(join(root, file), changedAt, changedAt)
  }
  return root
}

test('[WEB] a build is stale when a source is newer; tests and installed packages do not count as sources', (t) => {
  const built = { 'apps/web/dist/index.html': 100 }
  assert.equal(siteState(project(t, {})), 'missing')
  assert.equal(siteState(project(t, { ...built, 'packages/client/src/outbox.ts': 101 })), 'fresh', 'a release has no sources of the app')
  assert.equal(siteState(project(t, { ...built, 'apps/web/src/main.tsx': 100 })), 'fresh')
  assert.equal(siteState(project(t, { ...built, 'apps/web/src/main.tsx': 101 })), 'stale')
  const source = { 'apps/web/src/main.tsx': 100 }
  assert.equal(siteState(project(t, { ...built, ...source, 'packages/client/src/outbox.ts': 101 })), 'stale')
  const others = { 'packages/client/src/outbox.test.ts': 101, 'packages/client/node_modules/x/x.ts': 101, 'apps/server/src/main.ts': 101 }
  assert.equal(siteState(project(t, { ...built, ...source, ...others })), 'fresh')
})

test('[WEB] without build tools an older app is served, and only a missing one stops a start', () => {
  const states = ['fresh', 'stale', 'missing'] as const
  assert.deepEqual(
    states.map((state) => siteStep(state, true)),
    ['use', 'build', 'build'],
  )
  assert.deepEqual(
    states.map((state) => siteStep(state, false)),
    ['use', 'use-stale', 'refuse'],
  )
})

test('[WEB] neither a build nor build tools: one sentence that says what to do', (t) => {
  const said: string[] = []
  assert.equal(
    ensureSite(project(t, {}), (text) => said.push(text)),
    false,
  )
  assert.match(
    said.join('\n'),
    /^The web app is not built, .* Run "npm install" without --omit=dev, or use a release, which contains the built app\.$/,
  )
  said.length = 0
  assert.equal(
    ensureSite(project(t, { 'apps/web/dist/index.html': 1, 'apps/web/src/main.tsx': 2 }), (text) => said.push(text)),
    true,
  )
  assert.match(said.join('\n'), /older than its sources/)
})
