import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { EXAMPLES } from '../../../../tests/worlds/status-snapshots.ts'
import { writeFolder } from './folder.ts'
import { createRender } from './render.ts'
import { rsyncTarget } from './rsync.ts'

const files = createRender({ subscribeUrl: null, apiLanguage: 'ko' })(EXAMPLES.well(), false)
const never = new AbortController().signal

async function places(t: TestContext): Promise<{ readonly folder: string; readonly there: string; readonly root: string }> {
  const root = mkdtempSync(join(tmpdir(), 'bongsu-rsync-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'pages')
  await writeFolder(folder, files)
  return { root, folder, there: join(root, 'there') }
}

test('[S4] rsync copies the folder byte for byte and leaves other files there', async (t) => {
  const { folder, there } = await places(t)
  mkdirSync(there)
  writeFileSync(join(there, 'robots.txt'), 'theirs')
  await rsyncTarget({ folder, destination: `${there}/` }).push(files, never)
  for (const [name, { body }] of files) assert.deepEqual(new Uint8Array(readFileSync(join(there, name))), body)
  assert.equal(readFileSync(join(there, 'robots.txt'), 'utf8'), 'theirs')
  assert.deepEqual(
    readdirSync(there).filter((name) => name.startsWith('.')),
    [],
    'our own notes stay at home',
  )
})

test('a destination is a name and never a command', async (t) => {
  const { folder, root } = await places(t)
  const strange = join(root, `a b'; touch pwned #$(touch pwned)`)
  await rsyncTarget({ folder, destination: strange }).push(files, never)
  assert.ok(existsSync(join(strange, 'index.html')))
  assert.ok(!existsSync('pwned') && !existsSync(join(root, 'pwned')))
  assert.throws(() => rsyncTarget({ folder, destination: '--rsh=touch pwned' }))
})

test('rsync’s error output is reported', async (t) => {
  const { folder, root } = await places(t)
  writeFileSync(join(root, 'file'), 'x')
  await assert.rejects(rsyncTarget({ folder, destination: join(root, 'file', 'below') }).push(files, never), /rsync ended with \d+: .*rsync/s)
  await assert.rejects(rsyncTarget({ folder, destination: join(root, 'there'), program: join(root, 'no-rsync-here') }).push(files, never), /ENOENT/)
})

test('a hanging transfer is ended at its time limit', async (t) => {
  const { folder, root } = await places(t)
  const program = join(root, 'hangs')
  writeFileSync(program, '#!/bin/sh\nexec sleep 60\n')
  chmodSync(program, 0o755)
  const startedAt = performance.now()
  await assert.rejects(rsyncTarget({ folder, destination: join(root, 'there'), program, wholeMs: 300 }).push(files, never))
  assert.ok(performance.now() - startedAt < 5_000)
  const ending = new AbortController()
  const push = rsyncTarget({ folder, destination: join(root, 'there'), program }).push(files, ending.signal)
  ending.abort()
  await assert.rejects(push)
})
