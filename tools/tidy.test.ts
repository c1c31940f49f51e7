import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { circlesIn } from './circles.ts'
import { ourFiles, readText, ROOT } from './files.ts'
import { HOUSE_RULES } from './house-rules.ts'
import { browserRule, importRule } from './import-rules.ts'
import { notYetProven } from './not-yet-proven.ts'
import { seamsIn } from '../tests/seams/seams-in.ts'

const TEXT = '{*,.*,{.ci,.github,.devcontainer,packages,apps,tests,bench,demo,tools,docs,deploy}/**/*}'
const HAS_TEXT =
  /(?:\.(?:tsx?|js|mjs|json|css|html|svg|sql|md|ya?ml|toml|service|conf|example|webmanifest)|\/run|Dockerfile|LICENSE|NOTICE|\.npmrc|\.editorconfig)$/
const files = ourFiles(TEXT).filter((file) => HAS_TEXT.test(file) && file !== 'package-lock.json')
const sources = new Map(files.map((file) => [file, readText(file)]))

for (const rule of [importRule, browserRule, ...HOUSE_RULES]) {
  test(`the rule "${rule.name}" passes its good examples and catches its bad ones`, () => {
    for (const [file, source] of rule.good) assert.deepEqual(rule.files.test(file) ? rule.check(file, source) : [], [], file)
    for (const [file, source] of rule.bad)
      assert.ok(rule.files.test(file) && rule.check(file, source).length > 0, `not caught: ${file}: ${source.slice(0, 80)}`)
  })

  test(`house rule: ${rule.name}`, () => {
    const problems = [...sources]
      .filter(([file]) => rule.files.test(file))
      .flatMap(([file, source]) => rule.check(file, source).map((problem) => `${file}: ${problem}`))
    assert.deepEqual(problems, [], rule.why)
  })
}

test('house rule: the lock file names no place to download from', () => {
  assert.doesNotMatch(readText('package-lock.json'), /"resolved": "(?:https?|git|file):/)
})

test('house rule: the rules look at something', () => {
  assert.ok(files.length > 100)
  for (const rule of [importRule, browserRule, ...HOUSE_RULES])
    assert.ok(
      files.some((file) => rule.files.test(file)),
      rule.name,
    )
})

// Seams ----------------------------------------------------------------------------------------------------------------------------------------

test('house rule: each seam stands once and is used, and each seam that is used stands somewhere', () => {
  const standing = [...sources].flatMap(([file, source]) => (/\.tsx?$/.test(file) ? seamsIn(source).map(({ name }) => name) : []))
  const breakages = [...sources].filter(([file]) => /^tests\/(?:sim\/breakages\/|e2e\/broken\/|judge\/breakages\.ts)/.test(file))
  const used = breakages.flatMap(([, source]) => [...source.matchAll(/\bseam: '([^']+)'/g)].map((match) => match[1] ?? ''))
  assert.ok(standing.length > 50)
  assert.deepEqual(standing.toSorted(), [...new Set(standing)].toSorted(), 'a seam stands at two places')
  assert.deepEqual(standing.toSorted(), [...new Set(used)].toSorted())
})

// Promises -------------------------------------------------------------------------------------------------------------------------------------

const promises = [...readText('SPEC.md').matchAll(/^(?:### |- )([A-Z]\d+) /gm)].map((match) => match[1] ?? '')

/** Promise ids in the names of tests: '[M2]', '[M2, D5]' and '[R1-R3]' alike. A word such as '[WEB]' is a subject and no promise. */
function idsInTestNames(source: string): string[] {
  const names = [...source.matchAll(/\b(?:test|it|describe|suite)\(\s*['"`]\[([^\]]+)\]/g)].map((match) => match[1] ?? '')
  return names
    .flatMap((name) => name.split(/,\s*/))
    .flatMap((part) => {
      const range = /^([A-Z])(\d+)-\1(\d+)$/.exec(part)
      if (range === null) return /^[A-Z]\d+$/.test(part) ? [part] : []
      const [, letter, first, last] = range
      return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${letter}${Number(first) + index}`)
    })
}

const proofs = [...sources]
  .filter(([file]) => /\.(?:test|e2e)\.tsx?$|^tests\/.*\.ts$/.test(file))
  .flatMap(([file, source]) => idsInTestNames(source).map((id) => ({ file, id })))

test('promise ids are read from test names in each form', () => {
  assert.deepEqual(
    idsInTestNames("test('[M2] a', f)\n  t.test(`[M2, D5] ${x}`, f)\ntest(\n  '[R1-R3] c', f)\ntest('no id', f)\ntest('[WEB] x', f)"),
    ['M2', 'M2', 'D5', 'R1', 'R2', 'R3'],
  )
})

test('circles are found through types and in any length', () => {
  const modules: Readonly<Record<string, string>> = {
    'tools/a.ts': "import type { B } from './b.ts'\n",
    'tools/b.ts': "import { c } from './c.ts'\n",
    'tools/c.ts': "export { a } from './a.ts'\nimport './d.ts'\n",
    'tools/d.ts': "import { test } from 'node:test'\n",
  }
  assert.deepEqual(
    circlesIn(Object.keys(modules), (file) => modules[file] ?? ''),
    [['tools/a.ts', 'tools/b.ts', 'tools/c.ts']],
  )
})

test('house rule: no files import each other in a circle', () => {
  assert.deepEqual(circlesIn([...sources.keys()].filter((file) => /\.tsx?$/.test(file))), [])
})

test('house rule: each promise stands once in SPEC.md', () => {
  assert.ok(promises.length >= 30)
  assert.equal(new Set(promises).size, promises.length)
})

test('house rule: a test names only promises that SPEC.md makes', () => {
  assert.deepEqual(
    proofs.filter(({ id }) => !promises.includes(id)).map(({ file, id }) => `${file}: ${id}`),
    [],
  )
})

test('house rule: every promise M I D C R W A F S has a test that names it', () => {
  const proven = new Set(proofs.map(({ id }) => id))
  const open = promises.filter((id) => /^[MIDCRWAFS]/.test(id) && !proven.has(id))
  assert.deepEqual(
    open,
    open.filter((id) => notYetProven.has(id)),
    'write the test, or the reason in tools/not-yet-proven.ts',
  )
  assert.deepEqual(
    [...notYetProven.keys()].filter((id) => !open.includes(id)),
    [],
    'these have a test now: take them off tools/not-yet-proven.ts',
  )
})

// Documents ------------------------------------------------------------------------------------------------------------------------------------

const documents = [...sources].filter(([file]) => file.endsWith('.md'))

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-')
}

test('house rule: one first heading in each document', () => {
  for (const [file, source] of documents) assert.equal(withoutCode(source).match(/^# /gm)?.length, 1, file)
})

test('house rule: links between our documents lead somewhere', () => {
  const broken = documents.flatMap(([file, source]) =>
    [...withoutCode(source).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? file : join(dirname(file), decodeURI(path)).replaceAll('\\', '/')
        if (!existsSync(join(ROOT, target))) return true
        if (anchor === undefined || !target.endsWith('.md')) return false
        return ![...readText(target).matchAll(/^#+ (.+)$/gm)].some((match) => slug(match[1] ?? '') === decodeURI(anchor))
      })
      .map((link) => `${file}: ${link}`),
  )
  assert.deepEqual(broken, [])
})
