import assert from 'node:assert/strict'
import { existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { aDay, batch, figures, incident, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { canonicalJson } from './canonical.ts'
import { openRecord, recordFile } from './open-record.ts'
import type { RecordBody } from './record.ts'
import { appendBodiesMax, bodyBytesMax, type SqliteRecord } from './sqlite-record.ts'
import { RecordUnavailable } from './unavailable.ts'
import { verifyRecord } from './verify.ts'

function withRecord(run: (record: SqliteRecord, directory: string) => void): void {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  try {
    run(record, directory)
  } finally {
    record.close()
    remove()
  }
}

const times = (count: number, body: RecordBody): RecordBody[] => Array.from({ length: count }, () => body)

const started: RecordBody = { kind: 'sentinel', body: { event: 'started', version: '1' } }

test('[S5] appended entries are read back chained, without gaps and in order, also after reopening', () => {
  const { directory, remove } = temporaryRecord()
  const first = openRecord(directory)
  assert.deepEqual([first.head(), first.seqAt(0)], [0, 1])
  const bodies: RecordBody[] = [started, batch(aDay, [observation(1, aDay - 900), observation(2, aDay - 30)]), figures(aDay - 3), incident(1, aDay)]
  const appended = [...first.append(bodies.slice(0, 3), aDay), ...first.append(bodies.slice(3), aDay + 1_000)]
  first.close()
  const again = openRecord(directory)
  assert.deepEqual(again.read({}), appended)
  assert.deepEqual(
    appended.map(({ seq, at, kind, body }) => ({ seq, at, kind, body })),
    bodies.map((body, index) => ({ seq: index + 1, at: index < 3 ? aDay : aDay + 1_000, ...body })),
  )
  assert.equal(new Set(appended.map(({ hash }) => hash)).size, 4)
  assert.equal(again.head(), 4)
  assert.deepEqual(
    again.read({ kinds: ['incident', 'figures'] }).map(({ seq }) => seq),
    [3, 4],
  )
  assert.deepEqual(
    again.read({ kinds: ['incident', 'sentinel'], fromSeq: 2 }).map(({ seq }) => seq),
    [4],
  )
  assert.deepEqual(
    again.read({ fromSeq: 2, toSeq: 3, limit: 1 }).map(({ seq }) => seq),
    [2],
  )
  assert.deepEqual([again.seqAt(0), again.seqAt(aDay), again.seqAt(aDay + 1), again.seqAt(aDay + 1_000), again.seqAt(aDay + 1_001)], [1, 1, 4, 4, 5])
  assert.deepEqual(verifyRecord(again), {
    sound: true,
    problems: 0,
    firstSeq: null,
    entries: 4,
    fromSeq: 1,
    headSeq: 4,
    headHash: appended[3]?.hash,
    letGo: 0,
    recomputed: 0,
    notRecomputable: 0,
  })
  again.close()
  assert.equal(statSync(recordFile(directory)).mode & 0o777, 0o600)
  remove()
})

test('[S5] times in the record do not fall when the clock is set back', () => {
  withRecord((record) => {
    record.append([started], aDay)
    assert.deepEqual(
      record.append([figures(aDay - 5_000)], aDay - 3_600_000).map(({ at }) => at),
      [aDay],
    )
    assert.deepEqual(record.read({ kinds: ['figures'] })[0]?.body, figures(aDay - 5_000).body)
    assert(verifyRecord(record).sound)
  })
})

test('[S5] each entry of an append may have a time of its own, and times never fall', () => {
  withRecord((record) => {
    record.append([started], aDay)
    const seenAt = [aDay - 1, aDay + 5, aDay + 3, aDay + 7]
    const written = record.append(
      seenAt.map((at) => figures(at)),
      seenAt,
    )
    assert.deepEqual(
      written.map(({ at }) => at),
      [aDay, aDay + 5, aDay + 5, aDay + 7],
    )
    assert.equal(record.seqAt(aDay + 6), 5)
    assert.throws(() => record.append([started, started], [aDay]), RangeError)
    assert.throws(() => record.append([started, started], [aDay, Number.NaN]), RangeError)
    assert.equal(record.head(), 5)
    assert(verifyRecord(record).sound)
  })
})

test('[S5] an append is all or nothing, and bounded', () => {
  withRecord((record) => {
    const lone = { kind: 'sentinel', body: { event: 'started', version: '\ud800' } } as RecordBody
    assert.throws(() => record.append([started, lone], aDay), TypeError)
    assert.throws(() => record.append([started, { kind: 'rumour', body: {} } as unknown as RecordBody], aDay), TypeError)
    for (const at of [Number.NaN, -1, 1.5, 2 ** 53]) assert.throws(() => record.append([started], at), RangeError)
    assert.throws(() => record.append(times(appendBodiesMax + 1, started), aDay), RangeError)
    const empty = canonicalJson({ event: 'started', version: '' }).length
    const long = (length: number): RecordBody => ({ kind: 'sentinel', body: { event: 'started', version: 'x'.repeat(length - empty) } })
    assert.throws(() => record.append([long(bodyBytesMax + 1)], aDay), RangeError)
    assert.equal(record.head(), 0)
    record.append([long(bodyBytesMax)], aDay)
    record.append(times(appendBodiesMax, started), aDay)
    assert.equal(record.head(), 1_001)
  })
})

test('[S5] a too large read without a limit is refused, and each() reads it entry by entry', () => {
  withRecord((record) => {
    for (let n = 0; n < 101; n++) record.append(times(appendBodiesMax, figures(aDay, n)), aDay)
    assert.throws(() => record.read({}), RangeError)
    assert.equal(record.read({ toSeq: 100_000 }).length, 100_000)
    assert.equal(record.read({ limit: 100_001 }).length, 100_001)
    let seq = 0
    for (const entry of record.each({ kinds: ['figures'] })) assert.equal(entry.seq, ++seq)
    assert.equal(seq, 101_000)
    assert.equal([...record.each({ fromSeq: 500, limit: 1_001 })].length, 1_001)
    assert.equal([...record.each({ fromSeq: 500, limit: 0 })].length, 0)
  })
})

test('[S3] a derived statement is appended only when none of its kind came in between', () => {
  withRecord((record, directory) => {
    const other = openRecord(directory)
    record.append([incident(1, aDay)], aDay)
    const seq = record.head()
    other.append([figures(aDay)], aDay)
    assert.equal(record.appendUnless({ kinds: ['incident'], seq }, [incident(2, aDay)], aDay)?.length, 1, 'observations do not matter')
    assert.equal(other.appendUnless({ kinds: ['incident'], seq }, [incident(2, aDay)], aDay), null)
    assert.equal(other.appendUnless({ kinds: ['incident'], seq: record.head() }, [incident(3, aDay)], aDay)?.length, 1)
    assert.equal(record.head(), 4)
    other.close()
  })
})

test('[S5] SQL that would change the record by accident is refused', () => {
  withRecord((record, directory) => {
    record.append([started, figures(aDay), incident(1, aDay)], aDay)
    const shell = new DatabaseSync(recordFile(directory))
    for (const sql of [
      "UPDATE entries SET body = '{}' WHERE seq = 2",
      'UPDATE entries SET at = 0',
      'DELETE FROM entries WHERE seq = 3',
      'DELETE FROM entries',
      'INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 3',
      'INSERT INTO entries SELECT 9, at, kind, body, hash FROM entries WHERE seq = 3',
    ])
      assert.throws(() => shell.exec(sql), /append-only/, sql)
    shell.close()
    assert(verifyRecord(directory).sound)
  })
})

test('[S3] a record whose file was moved is unavailable until the file is back', () => {
  withRecord((record, directory) => {
    record.append([started], aDay)
    const file = recordFile(directory)
    renameSync(file, join(directory, 'away'))
    assert.throws(
      () => record.append([started], aDay),
      (error) => error instanceof RecordUnavailable && error.fault === 'gone',
    )
    assert.equal(existsSync(file), false)
    renameSync(join(directory, 'away'), file)
    assert.equal(record.append([started], aDay)[0]?.seq, 2)
    assert(verifyRecord(record).sound)
  })
})

test('[S3] a record locked for too long is unavailable instead of waited for without end', () => {
  withRecord((record, directory) => {
    record.append([started], aDay)
    const other = new DatabaseSync(recordFile(directory))
    other.exec('BEGIN IMMEDIATE')
    const startedAt = performance.now()
    assert.throws(
      () => record.append([started], aDay),
      (error) => error instanceof RecordUnavailable && error.fault === 'locked',
    )
    assert(performance.now() - startedAt < 20_000)
    other.exec('ROLLBACK')
    other.close()
    assert.equal(record.append([started], aDay)[0]?.seq, 2)
  })
})
