import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openNotifyStore } from './open-store.ts'
import { openOrSetAside } from '../files.ts'

const now = Date.UTC(2026, 10, 22, 2, 6, 21)

test('[S4] a damaged subscriber file is set aside, and the sentinel starts', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-aside-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'subscribers.db')
  const warnings: string[] = []
  const open = () => openOrSetAside(file, now, openNotifyStore, (sentence) => warnings.push(sentence))
  const store = open()
  store.subscribers.ask('hana@example.kr', 'ko', now)
  store.close()
  open().close()
  assert.deepEqual(warnings, [])
  const garbage = 'this is no database '.repeat(500)
  writeFileSync(file, garbage)
  const anew = open()
  assert.deepEqual(anew.subscribers.counts(), { confirmed: 0, pending: 0 })
  anew.close()
  const aside = readdirSync(folder).find((name) => name.includes('.damaged-2026-11-22T02-06-21'))
  assert.equal(readFileSync(join(folder, aside ?? ''), 'utf8'), garbage)
  assert.equal(warnings.length, 1)
})

test('[S4] a file that cannot be opened for another reason is left untouched', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-aside-'))
  t.after(() => rmSync(folder, { recursive: true }))
  assert.throws(() => openOrSetAside(join(folder, 'x'), now, () => assert.fail('a bug'), assert.fail), /a bug/)
  assert.deepEqual(readdirSync(folder), [])
})
