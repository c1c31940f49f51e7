import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { aDay, incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { loadMigrations } from './migrations.ts'
import { openRecord, recordFile } from './open-record.ts'
import { RecordUnusable } from './unavailable.ts'

/** A closed record of a few pages. */
function closedRecord(): { directory: string; file: string; remove: () => void } {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  for (let n = 1; n <= 200; n++) record.append([incident(n, aDay + n)], aDay + n)
  record.close()
  return { directory, file: recordFile(directory), remove }
}

function refusesUntouched(what: string, spoil: (file: string, directory: string) => void, sentence: RegExp): void {
  test(`[S5] ${what} is refused with what to do, and left untouched`, () => {
    const { directory, file, remove } = closedRecord()
    spoil(file, directory)
    const before = existsSync(file) ? hash('sha256', readFileSync(file)) : null
    assert.throws(
      () => openRecord(directory),
      (error) => error instanceof RecordUnusable && sentence.test(error.message) && /nothing was changed/.test(error.message),
    )
    assert.equal(existsSync(file) ? hash('sha256', readFileSync(file)) : null, before)
    remove()
  })
}

refusesUntouched('an empty file', (file) => truncateSync(file, 0), /is empty/)
refusesUntouched('a file cut short', (file) => truncateSync(file, statSync(file).size - 4_096), /cut short/)
refusesUntouched('a file cut within its header', (file) => truncateSync(file, 50), /is damaged or cut short/)
refusesUntouched('a file of something else', (file) => writeFileSync(file, 'a shopping list\n'.repeat(100)), /not a record/)
refusesUntouched(
  'a database of something else',
  (file) => {
    rmSync(file)
    const db = new DatabaseSync(file)
    db.exec('CREATE TABLE t (x)')
    db.close()
  },
  /not a record of a Bongsu sentinel/,
)
refusesUntouched(
  'a damaged file',
  (file) => {
    const bytes = readFileSync(file)
    bytes.fill(0xaa, 4_096)
    writeFileSync(file, bytes)
  },
  /is damaged/,
)
refusesUntouched(
  'a write-ahead log without its record',
  (file) => {
    copyFileSync(file, `${file}-wal`)
    rmSync(file)
  },
  /is missing, but/,
)
refusesUntouched(
  'a record of a newer program',
  (file) => {
    const db = new DatabaseSync(file)
    db.exec("INSERT INTO migrations VALUES (2, 'later', 'x', 0)")
    db.close()
  },
  /newer than this program/,
)
refusesUntouched(
  'a record of another first step',
  (file) => {
    const db = new DatabaseSync(file)
    db.exec("UPDATE migrations SET sha256 = 'x'")
    db.close()
  },
  /differs from the one this record was made with/,
)

test('[S5] a later step is applied once to an existing record', () => {
  const { directory, remove } = closedRecord()
  const migrations = [...loadMigrations(), { number: 2, name: 'later', sql: 'CREATE TABLE later (x) STRICT'.replace('(x)', '(x TEXT)') }]
  openRecord(directory, { migrations }).close()
  const record = openRecord(directory, { migrations })
  assert.equal(record.head(), 200)
  record.close()
  assert.throws(() => openRecord(directory), /newer than this program/)
  remove()
})

test('[S3] a command with a mistyped folder creates no record there', () => {
  const { directory, remove } = temporaryRecord()
  const mistyped = join(directory, 'mistyped')
  assert.throws(() => openRecord(mistyped, { create: false }), RecordUnusable)
  assert.equal(existsSync(mistyped), false)
  openRecord(mistyped).close()
  openRecord(mistyped, { create: false }).close()
  assert.deepEqual(readdirSync(mistyped), ['record.db'], 'nothing half made is left behind')
  remove()
})
