import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { noticesOf, thirdParty } from './licences.ts'
import { notesOf } from './notes.ts'
import { sbomOf, type Component } from './sbom.ts'

const CHANGELOG =
  '# Changelog\n\nIntro.\n\n## 0.2.0 (not released)\n\n- Later.\n\n## 0.1.0 (2026-12-01)\n\nWire: 1.\n\n- One.\n- Two.\n\n## 0.0.9\n\n'

test('[O7] release notes are the changelog of one version and of no other', () => {
  assert.equal(notesOf(CHANGELOG, '0.1.0', true), 'Wire: 1.\n\n- One.\n- Two.\n')
  assert.equal(notesOf(CHANGELOG, '0.2.0', false), '- Later.\n')
  assert.throws(() => notesOf(CHANGELOG, '0.2.0', true), /not released/)
  assert.throws(() => notesOf(CHANGELOG, '0.1', false), /no heading "## 0\.1"/)
  assert.throws(() => notesOf(CHANGELOG, '0.0.9', false), /says nothing of 0\.0\.9/)
})

const component: Component = {
  name: '@a/b',
  version: '1.2.3',
  licence: 'MIT',
  integrity: 'sha512-/w==',
  needs: [],
  ref: 'node_modules/@a/b',
  kind: 'library',
}

test('[O7] a bill of materials names each part with its address and hash, and is the same for the same parts', () => {
  const product = { version: '0.1.0', madeAt: 1_795_000_000, needs: [component.ref] }
  const text = sbomOf(product, [component])
  const { components, serialNumber } = JSON.parse(text) as { components: readonly Record<string, unknown>[]; serialNumber: string }
  assert.deepEqual(components[0], {
    'bom-ref': 'node_modules/@a/b',
    type: 'library',
    group: '@a',
    name: 'b',
    version: '1.2.3',
    purl: 'pkg:npm/%40a/b@1.2.3',
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-512', content: 'ff' }],
  })
  assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(sbomOf(product, [component]), text)
  assert.notEqual(sbomOf({ ...product, version: '0.1.1' }, [component]), text)
})

test('[O7] every package of others comes with the text of its licence, or there is no release', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bongsu-licences-'))
  t.after(() => rmSync(root, { recursive: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  write('a/LICENSE', 'Copyright A\r\nDo.\n')
  write('a/NOTICE.md', 'Thanks to Z.')
  write('a/licenser.js', 'no licence')
  write('b/dist/LICENSE.txt', 'Copyright B')
  write('c/package.json', '{"author":"Kim C"}')
  const a = thirdParty('a', '1', 'ISC', join(root, 'a'))
  assert.equal(a.text, 'Copyright A\nDo.\n\nThanks to Z.')
  assert.equal(thirdParty('b', '1', 'OFL-1.1', join(root, 'b')).text, 'Copyright B')
  assert.match(thirdParty('c', '1', 'MIT', join(root, 'c')).text, /brings no text .*Copyright \(c\) Kim C\n\nPermission is hereby granted/s)
  assert.throws(() => thirdParty('c', '1', 'BSD-3-Clause', join(root, 'c')), /c 1 \(BSD-3-Clause\) brings no text/)
  const notices = noticesOf([a, { ...a, name: 'a-x64' }])
  assert.match(notices, /\na 1 \(ISC\)\na-x64 1 \(ISC\)\n\nCopyright A\n/)
  assert.equal(notices.match(/Copyright A/g)?.length, 1, 'a text that two share is there once')
})
