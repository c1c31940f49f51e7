import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Change } from './replace-at-seams.ts'
import { seamsIn } from './seams-in.ts'

const REPLACE = new URL('./replace-at-seams.ts', import.meta.url).href

/** Loads modules in a process of their own, with the changes made; each module prints. */
function load(t: TestContext, modules: readonly string[], changes: readonly Change[]): { readonly printed: string; readonly complaint: string } {
  const folder = mkdtempSync(join(tmpdir(), 'seams-'))
  t.after(() => rmSync(folder, { recursive: true }))
  modules.forEach((source, number) => writeFileSync(join(folder, `module-${number}.mts`), source))
  const script = [
    `const { replaceAtSeams, assertAllReplaced } = await import('${REPLACE}')`,
    `replaceAtSeams(${JSON.stringify(changes)})`,
    ...modules.map((_, number) => `await import('./module-${number}.mts')`),
    'assertAllReplaced()',
  ].join('\n')
  writeFileSync(join(folder, 'main.mjs'), script)
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8' })
  return { printed: stdout, complaint: stderr }
}

const SAY = "console.log('whole') // [seam: say]\n"

test('the line at a seam is replaced, whichever module it is in, and nothing else', (t) => {
  const above = "// [seam: above]\nif (1 > 0) {\n  console.log('block')\n}\n"
  const { printed, complaint } = load(
    t,
    ["console.log('other')\n", `${above}${SAY}console.log('end')\n`],
    [
      { seam: 'say', to: "console.log('broken')" },
      { seam: 'above', to: 'if (1 < 0) {' },
    ],
  )
  assert.equal(printed, 'other\nbroken\nend\n', complaint)
})

test('a seam that is missing, or in no module that was loaded, is told', (t) => {
  assert.match(load(t, [SAY], [{ seam: 'gone', to: '' }]).complaint, /nothing that was loaded has the seam gone/)
})

test('a seam that stands at two places is told, in one module and in two', (t) => {
  const change = { seam: 'say', to: '' }
  assert.match(load(t, [SAY + SAY], [change]).complaint, /the seam say stands at two places/)
  assert.match(load(t, [SAY, SAY], [change]).complaint, /the seam say stands at two places/)
})

test('two changes at one seam are told', (t) => {
  const change = { seam: 'say', to: '' }
  assert.match(load(t, [SAY], [change, change]).complaint, /two changes at the seam say/)
})

test('a mark names its own line, or the one below when it stands alone; words about a mark are none', () => {
  assert.deepEqual(seamsIn('a // [seam: x-1]\n  // [seam: y]\n  b\n// a mark is written [seam: z]\nc // [seam: z] and more\n'), [
    { name: 'x-1', line: 0 },
    { name: 'y', line: 2 },
  ])
})
