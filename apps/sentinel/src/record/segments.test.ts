import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { aDay, batch, figures, incident, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { exportRecord } from './export.ts'
import { openRecord, recordFile } from './open-record.ts'
import type { RecordEntry } from './record.ts'
import { SEGMENT_BOUNDS } from './segments.ts'
import type { SqliteRecord } from './sqlite-record.ts'
import { RecordUnavailable } from './unavailable.ts'
import { verifyRecord, type Problem } from './verify.ts'

const dayMs = 86_400_000
const perDay = 240
const days = 10
const now = aDay + days * dayMs

/** Ten days, each with an incident in the middle. Made once, because thousands of appends wait for the disk. */
const original = temporaryRecord()
after(original.remove)
const written = openRecord(original.directory)
const entries: RecordEntry[] = []
for (let day = 0; day < days; day++) {
  for (let n = 0; n < perDay; n += 2) {
    const at = aDay + day * dayMs + n * 300_000
    entries.push(...written.append([n === perDay / 2 ? incident(day + 1, at) : batch(at, [observation(n, at)]), figures(at, n)], at))
  }
}
written.close()

function makeRecord(): { directory: string; record: SqliteRecord; remove: () => void } {
  const { directory, remove } = temporaryRecord()
  copyFileSync(recordFile(original.directory), recordFile(directory))
  return { directory, record: openRecord(directory), remove }
}

function tidyAll(record: SqliteRecord, keepDays: number, at = now): void {
  while (record.tidy(keepDays, at) > 0);
}

function tellOf(subject: string): { sound: boolean; firstSeq: number | null; letGo: number; told: Problem[] } {
  const told: Problem[] = []
  const { sound, firstSeq, letGo } = verifyRecord(subject, { onProblem: (problem) => told.push(problem) })
  return { sound, firstSeq, letGo, told }
}

/** An edit by someone with a shell, after removing the triggers. */
function edit(directory: string, sql: string): void {
  const shell = new DatabaseSync(recordFile(directory))
  for (const name of ['entries_unchanged', 'entries_kept', 'segments_unchanged', 'segments_kept']) shell.exec(`DROP TRIGGER ${name}`)
  shell.exec(sql)
  shell.close()
}

test('[S5] [S6] packed evidence is read back exactly, from everywhere, and verified', () => {
  const { directory, record, remove } = makeRecord()
  tidyAll(record, 400)
  assert.equal(tellOf(directory).sound, true)
  assert.deepEqual(record.read({}), entries)
  assert.deepEqual(
    record.read({ kinds: ['incident'] }),
    entries.filter(({ kind }) => kind === 'incident'),
  )
  assert.deepEqual(
    record.read({ kinds: ['figures'], fromSeq: 33, toSeq: 1_777 }),
    entries.filter(({ kind, seq }) => kind === 'figures' && seq >= 33 && seq <= 1_777),
  )
  assert.deepEqual(record.read({ fromSeq: 500, limit: 7 }), entries.slice(499, 506))
  for (const at of [0, aDay, aDay + 1, aDay + 3 * dayMs + 12_345, now - 600_000, now])
    assert.equal(record.seqAt(at), entries.find((entry) => entry.at >= at)?.seq ?? entries.length + 1, String(at))
  assert.equal(record.append([figures(now)], now)[0]?.seq, entries.length + 1)
  const shell = new DatabaseSync(recordFile(directory))
  const { kept } = shell.prepare('SELECT count(*) AS kept FROM entries').get() as { kept: number }
  shell.close()
  assert(kept < days + 30, `${kept} entries are not packed`)
  record.close()
  remove()
})

test('[S5] a segment holds at most so many entries, of one hour, and none of the present hour', () => {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  const most = SEGMENT_BOUNDS.entriesMax
  for (let from = 0; from < most + 1; from += 1_000)
    record.append(
      Array.from({ length: Math.min(1_000, most + 1 - from) }, (_, n) => figures(aDay, from + n)),
      aDay,
    )
  assert.equal(record.tidy(400, aDay + 3_599_999), 0)
  assert.equal(record.tidy(400, aDay + 3_600_000), most)
  assert.equal(record.tidy(400, aDay + 3_600_000), 1)
  assert.equal(record.tidy(400, aDay + 3_600_000), 0)
  assert(verifyRecord(record).sound)
  record.close()
  remove()
})

test('[S5] old evidence is dropped: the chain stays verifiable, statements stay, and the record states it', () => {
  const { directory, record, remove } = makeRecord()
  // The day is that of UTC, nine hours behind that of the sample.
  const through = record.seqAt(Math.floor(now / dayMs) * dayMs - 4 * dayMs) - 1
  tidyAll(record, 4)
  const stated = record.read({ kinds: ['dropped'] })
  assert.partialDeepStrictEqual(stated.at(-1)?.body, { throughSeq: through, keepDays: 4 })
  const kept = record.read({})
  assert.deepEqual(
    kept.filter(({ seq }) => seq <= through).map(({ kind }) => kind),
    Array(5).fill('incident'),
  )
  assert.deepEqual(
    kept.filter(({ kind }) => kind !== 'dropped'),
    entries.filter(({ seq, kind }) => seq > through || kind === 'incident'),
  )
  assert.deepEqual(tellOf(directory), { sound: true, firstSeq: null, letGo: through - 5, told: [] })
  tidyAll(record, 4, now + dayMs)
  assert.equal(record.read({ kinds: ['dropped'] }).length, stated.length + 1)
  assert.equal(record.append([figures(now)], now + dayMs).length, 1)
  assert(tellOf(directory).sound)
  for (const from of [0, aDay + dayMs + 12_345, aDay + 7 * dayMs + 12_345]) {
    const file = join(directory, `export-${from}.jsonl`)
    writeFileSync(file, [...exportRecord(directory, { from })].join(''))
    const verdict = tellOf(file)
    assert.deepEqual([verdict.sound, verdict.told], [true, []])
  }
  record.close()
  remove()
})

test('[S5] when all evidence is old, statements stay and the record continues', () => {
  const { directory, record, remove } = makeRecord()
  const later = aDay + 1_000 * dayMs
  tidyAll(record, 1, later)
  assert.deepEqual(record.read({ kinds: ['figures', 'observations'] }), [])
  assert.equal(record.read({ kinds: ['incident'] }).length, days)
  assert.throws(() => record.tidy(0, later), RangeError)
  record.append([figures(later)], later)
  assert(tellOf(directory).sound)
  record.close()
  remove()
})

test('[S5] edited entries are neither packed nor dropped, as evidence', () => {
  const { directory, record, remove } = makeRecord()
  edit(directory, 'UPDATE entries SET body = replace(body, \'"home"\', \'"hone"\') WHERE seq = 101')
  tidyAll(record, 1)
  assert.equal(record.read({ kinds: ['figures', 'observations'], limit: 1 })[0]?.seq, 101)
  assert.equal(tellOf(directory).firstSeq, 101)
  record.close()
  remove()
})

test('[S5] edits of packed and of dropped evidence are found, in the file and in its export', () => {
  for (const [what, sql] of [
    ['dropped-unstated', 'UPDATE segments SET packed = NULL WHERE first_seq = (SELECT max(first_seq) FROM segments)'],
    ['edited', 'UPDATE segments SET hash = zeroblob(32) WHERE packed IS NULL AND first_seq > 300'],
    ['dropped-unstated', 'UPDATE segments SET hash_before = hash WHERE first_seq = 1'],
    ['missing', 'DELETE FROM segments WHERE first_seq = 1'],
    ['edited', 'UPDATE segments SET hash = zeroblob(32) WHERE first_seq = (SELECT max(first_seq) FROM segments)'],
  ] as const) {
    const { directory, record, remove } = makeRecord()
    tidyAll(record, 4)
    record.close()
    edit(directory, sql)
    const verdict = tellOf(directory)
    assert(
      verdict.told.some((problem) => problem.what === what),
      `${sql}: ${JSON.stringify(verdict.told.slice(0, 3))}`,
    )
    const file = join(directory, 'export.jsonl')
    writeFileSync(file, [...exportRecord(directory)].join(''))
    assert.equal(tellOf(file).sound, false, sql)
    remove()
  }
})

test('[S5] a segment that is none any more is a result of verify, and unreadable', () => {
  const { directory, record, remove } = makeRecord()
  tidyAll(record, 400)
  edit(directory, "UPDATE segments SET packed = x'00' WHERE first_seq = 1")
  assert.throws(() => record.read({}), RecordUnavailable)
  assert.deepEqual(
    tellOf(directory).told.map(({ what, seq }) => [what, seq]),
    [['file', 1]],
  )
  record.close()
  remove()
})

test('[S5] a record with a day missing is opened, continued, packed and dropped, and verify names the place', () => {
  const { directory, record, remove } = makeRecord()
  edit(directory, `DELETE FROM entries WHERE seq BETWEEN ${perDay * 3 + 1} AND ${perDay * 4}`)
  tidyAll(record, 400)
  const kept = entries.filter(({ seq }) => seq <= perDay * 3 || seq > perDay * 4)
  assert.deepEqual(record.read({}), kept)
  assert.equal(record.append([figures(now)], now)[0]?.seq, entries.length + 1)
  const missing = [['missing', perDay * 3 + 1]]
  assert.deepEqual(
    tellOf(directory).told.map(({ what, seq }) => [what, seq]),
    missing,
  )
  tidyAll(record, 4)
  assert.deepEqual(
    tellOf(directory).told.map(({ what, seq }) => [what, seq]),
    missing,
  )
  record.close()
  remove()
})
