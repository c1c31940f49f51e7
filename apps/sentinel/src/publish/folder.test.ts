import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { smallDisk } from '../../../../tests/worlds/small-disk.ts'
import { EXAMPLES } from '../../../../tests/worlds/status-snapshots.ts'
import { MANIFEST, writeFolder } from './folder.ts'
import { createRender, type Files } from './render.ts'

const render = createRender({ subscribeUrl: null, apiLanguage: 'ko' })

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bongsu-pages-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function filesOf(texts: Readonly<Record<string, string>>): Files {
  return new Map(
    Object.entries(texts).map(([path, text]) => [
      path,
      { body: new TextEncoder().encode(text), type: 'text/plain', hash: `${text.length} ${text.slice(0, 9)}` },
    ]),
  )
}

function everyFile(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(path.length + 1))
    .toSorted()
}

test('[S4] the folder has exactly the rendered files, and no temporary ones', async (t) => {
  const path = folder(t)
  const files = render(EXAMPLES.signIn(), false)
  const { written, failed } = await writeFolder(path, files)
  assert.deepEqual(failed, [])
  assert.equal(written.length, files.size)
  assert.deepEqual(everyFile(path), [...files.keys(), MANIFEST].toSorted())
  for (const [name, { body }] of files) assert.deepEqual(new Uint8Array(readFileSync(join(path, name))), body)
})

test('only changed files are written again, also after a restart', async (t) => {
  const path = folder(t)
  await writeFolder(path, filesOf({ a: 'one', b: 'two' }))
  const before = statSync(join(path, 'a')).ino
  const { written } = await writeFolder(path, filesOf({ a: 'one', b: 'three' }))
  assert.deepEqual(written, ['b'])
  assert.equal(statSync(join(path, 'a')).ino, before)
  rmSync(join(path, 'a'))
  assert.deepEqual((await writeFolder(path, filesOf({ a: 'one', b: 'three' }))).written, ['a'], 'what somebody has removed comes back')
})

test('our obsolete files are removed; files of others and incident pages stay', async (t) => {
  const path = folder(t)
  writeFileSync(join(path, 'robots.txt'), 'theirs')
  await writeFolder(path, filesOf({ old: 'x', 'incidents/a.html': 'kept', 'en/incidents/a.html': 'kept', 'index.html': 'x' }))
  const { removed } = await writeFolder(path, filesOf({ 'index.html': 'y' }))
  assert.deepEqual(removed, ['old'])
  assert.deepEqual(everyFile(path), [MANIFEST, 'en/incidents/a.html', 'incidents/a.html', 'index.html', 'robots.txt'])
  writeFileSync(join(path, MANIFEST), '{ broken')
  assert.deepEqual((await writeFolder(path, filesOf({ 'index.html': 'z' }))).removed, [], 'without knowing what is ours nothing is removed')
  writeFileSync(join(path, MANIFEST), JSON.stringify({ '../precious': 'x', '/etc/hosts': 'x' }))
  assert.deepEqual((await writeFolder(path, filesOf({ 'index.html': 'z' }))).removed, [])
})

test('a failure of one file is reported and does not stop the others', async (t) => {
  const path = folder(t)
  writeFileSync(join(path, 'api'), 'a file where a folder should be')
  const { written, failed } = await writeFolder(path, filesOf({ 'api/v2/status.json': '{}', 'index.html': 'x' }))
  assert.deepEqual(written, ['index.html'])
  assert.deepEqual(
    failed.map((each) => each.path),
    ['api/v2/status.json'],
  )
})

test('a path that leaves the folder is a bug, and is never written', async (t) => {
  for (const path of ['../x', '/x', 'a//b', 'a/../../x', '.hidden', 'a b', '']) await assert.rejects(writeFolder(folder(t), filesOf({ [path]: 'x' })))
})

test('[S2] on a full disk the old files stay complete and the failure is reported; with room again all files are written', async (t) => {
  const disk = smallDisk(t, t, 64)
  if (disk === null) return
  const target = disk.path
  await writeFolder(target, filesOf({ 'index.html': 'old', 'status.json': 'old' }))
  const big = 'n'.repeat(200_000)
  const { failed, written } = await writeFolder(target, filesOf({ 'index.html': big, 'status.json': 'new!' }))
  assert.deepEqual(
    failed.map((each) => each.path),
    ['index.html'],
  )
  assert.deepEqual(written, ['status.json'])
  assert.equal(readFileSync(join(target, 'index.html'), 'utf8'), 'old')
  assert.ok(!everyFile(target).some((name) => name.endsWith('.tmp')))
  assert.deepEqual((await writeFolder(target, filesOf({ 'index.html': 'now', 'status.json': 'new!' }))).failed, [])
  assert.equal(readFileSync(join(target, 'index.html'), 'utf8'), 'now')
  assert.ok(existsSync(join(target, MANIFEST)))
})
