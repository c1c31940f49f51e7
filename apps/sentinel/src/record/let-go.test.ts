import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { aDay, batch, figures, incident, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { canonicalJson } from './canonical.ts'
import { hashOfBody } from './chain.ts'
import { exportRecord } from './export-record.ts'
import { openRecord, recordFile } from './open-record.ts'
import type { SqliteRecord } from './sqlite-record.ts'
import { verifyRecord, type Problem } from './verify.ts'

const dayMs = 86_400_000
const perDay = 240
const days = 10

/** Ten days, each with an incident in the middle. Made once, because thousands of appends wait for the disk. */
const original = temporaryRecord()
after(original.remove)
const written = openRecord(original.directory)
for (let day = 0; day < days; day++) {
  for (let n = 0; n < perDay; n += 2) {
    const at = aDay + day * dayMs + n * 300_000
    written.append([n === perDay / 2 ? incident(day + 1, at) : batch(at, [observation(n, at)]), figures(at, n)], at)
  }
}
written.close()

function makeRecord(): { directory: string; record: SqliteRecord; remove: () => void } {
  const { directory, remove } = temporaryRecord()
  copyFileSync(recordFile(original.directory), recordFile(directory))
  return { directory, record: openRecord(directory), remove }
}

function tellOf(subject: string): { sound: boolean; firstSeq: number | null; letGo: number; notRecomputable: number; told: Problem[] } {
  const told: Problem[] = []
  const recomputers = [
    {
      kind: 'incident' as const,
      recompute: (_: unknown, read: (query: { fromSeq: number; toSeq: number }) => Iterable<unknown>) =>
        [...read({ fromSeq: 1, toSeq: 2 })].length === 2 ? {} : null,
    },
  ]
  const { sound, firstSeq, letGo, notRecomputable } = verifyRecord(subject, { recomputers, onProblem: (problem) => told.push(problem) })
  return { sound, firstSeq, letGo, notRecomputable, told }
}

test('[S5] old observations are dropped: the chain stays verifiable, statements stay, and the record states it', () => {
  const { directory, record, remove } = makeRecord()
  const now = aDay + days * dayMs
  const before = new Map(record.read({}).map(({ seq, hash }) => [seq, hash]))
  assert.equal(tellOf(directory).letGo, 0)
  // The day is that of UTC, nine hours behind that of the sample.
  const through = record.seqAt(Math.floor(now / dayMs) * dayMs - 4 * dayMs) - 1
  let gone = 0
  const steps: number[] = []
  for (let count = record.letGo(4, now); count > 0; count = record.letGo(4, now)) {
    gone += count
    steps.push(count)
  }
  assert(steps.every((count) => count <= 1_000) && steps.length >= 2)
  const stated = record.read({ kinds: ['dropped'] })
  assert.equal(stated.length, 1, 'stated once, not once a step')
  assert.deepEqual(stated[0]?.body, { throughSeq: through, keepDays: 4 })
  const kept = record.read({})
  assert.deepEqual(
    kept.filter(({ seq }) => seq <= through).map(({ kind }) => kind),
    Array(5).fill('incident'),
  )
  assert.equal(gone, through - 5)
  for (const { seq, hash, kind } of kept) if (kind !== 'dropped') assert.equal(hash, before.get(seq))
  assert.deepEqual(tellOf(directory), { sound: true, firstSeq: null, letGo: gone, notRecomputable: days, told: [] })
  // One day later.
  assert(record.letGo(4, now + dayMs) > 0)
  assert.equal(record.read({ kinds: ['dropped'] }).length, 2)
  assert.equal(record.append([figures(now)], now + dayMs).length, 1)
  assert(tellOf(directory).sound)
  for (const from of [0, aDay + dayMs + 12_345, aDay + 7 * dayMs]) {
    const file = join(directory, `export-${from}.jsonl`)
    writeFileSync(file, [...exportRecord(directory, { form: 'lines', from })].join(''))
    const verdict = tellOf(file)
    assert.deepEqual([verdict.sound, verdict.told], [true, []])
  }
  record.close()
  remove()
})

test('[S5] when all evidence is old, statements stay and the record continues', () => {
  const { directory, record, remove } = makeRecord()
  const later = aDay + 1_000 * dayMs
  while (record.letGo(1, later) > 0);
  assert.deepEqual(
    record.read({ kinds: ['figures', 'observations'] }).map(({ seq }) => seq),
    [],
  )
  assert.equal(record.read({ kinds: ['incident'] }).length, days)
  assert.throws(() => record.letGo(0, later), RangeError)
  record.append([figures(later)], later)
  assert(tellOf(directory).sound)
  record.close()
  remove()
})

test('[S5] edited entries are never dropped, as evidence', () => {
  const { directory, record, remove } = makeRecord()
  const shell = new DatabaseSync(recordFile(directory))
  shell.exec('DROP TRIGGER entries_unchanged; UPDATE entries SET body = replace(body, \'"home"\', \'"hone"\') WHERE seq = 101')
  shell.close()
  while (record.letGo(1, aDay + days * dayMs) > 0);
  assert.equal(record.read({ fromSeq: 101, limit: 1 })[0]?.seq, 101)
  assert.equal(record.read({ kinds: ['figures', 'observations'], limit: 1 })[0]?.seq, 101)
  assert.equal(tellOf(directory).firstSeq, 101)
  record.close()
  remove()
})

test('[S5] bodies dropped by hand are found, with the first of them', () => {
  const { directory, record, remove } = makeRecord()
  while (record.letGo(4, aDay + days * dayMs) > 0);
  const entry = record.read({ fromSeq: 2_301, kinds: ['figures'], limit: 1 })[0]
  assert(entry)
  record.close()
  const row = Buffer.concat([Buffer.from('00000000000002', 'hex'), Buffer.from(hashOfBody(canonicalJson(entry.body)), 'hex')])
  const shell = new DatabaseSync(recordFile(directory))
  shell.prepare('INSERT INTO let_go SELECT seq, seq, at, ?, hash FROM entries WHERE seq = ?').run(row, entry.seq)
  shell.exec(`DELETE FROM entries WHERE seq = ${entry.seq}`)
  shell.close()
  const { firstSeq, told } = tellOf(directory)
  assert.deepEqual([firstSeq, told.map(({ what }) => what)], [entry.seq, ['dropped-unstated']])
  const exported = join(directory, 'export.jsonl')
  writeFileSync(exported, [...exportRecord(directory, { form: 'lines' })].join(''))
  assert.deepEqual(tellOf(exported).told, told)
  remove()
})

test('[S5] bodies missing without a statement, or edited after dropping, are found', () => {
  for (const [sql, first] of [
    // An edit by hand drops an observation in the same form.
    [
      "INSERT INTO let_go SELECT seq, seq, at, CAST(x'00000000000001' || zeroblob(32) AS BLOB), hash FROM entries WHERE seq = 2301; DELETE FROM entries WHERE seq = 2301",
      2_301,
    ],
    ['UPDATE let_go SET rows = CAST(zeroblob(39) || substr(rows, 40) AS BLOB) WHERE first_seq = 1', null],
    ['DELETE FROM let_go WHERE first_seq = 1', 1],
  ] as const) {
    const { directory, record, remove } = makeRecord()
    while (record.letGo(4, aDay + days * dayMs) > 0);
    record.close()
    const shell = new DatabaseSync(recordFile(directory))
    for (const name of ['let_go_unchanged', 'let_go_kept', 'entries_kept']) shell.exec(`DROP TRIGGER ${name}`)
    shell.exec(sql)
    shell.close()
    const verdict = tellOf(directory)
    assert.equal(verdict.sound, false, sql)
    if (first !== null) assert.equal(verdict.firstSeq, first, JSON.stringify(verdict.told.slice(0, 3)))
    remove()
  }
})
