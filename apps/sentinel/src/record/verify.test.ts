import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { aDay, batch, figures, incident, observation, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { exportRecord } from './export.ts'
import { openRecord, recordFile } from './open-record.ts'
import type { RecordBody } from './record.ts'
import { verifyRecord, type Problem, type Recomputer, type Verdict, type VerifyOptions } from './verify.ts'

const entriesOfRecord = 40

/** A sound record of forty entries. Entry 20 is an incident update, entry 30 a day. */
function makeRecord(): { directory: string; remove: () => void } {
  const { directory, remove } = temporaryRecord()
  const record = openRecord(directory)
  for (let seq = 1; seq <= entriesOfRecord; seq++) {
    const at = aDay + seq * 1_000
    const body: RecordBody =
      seq === 20
        ? incident(1, at, {
            basis: { fromSeq: 2, toSeq: 11 },
            share: { value: 0.5, low: 0.2, high: 0.8, affected: 5, total: 10, source: 'tries', kind: 'affected' },
          })
        : seq === 30
          ? {
              kind: 'day',
              body: {
                day: '2026-11-22',
                timeZone: 'Asia/Seoul',
                component: 'messaging',
                affectedShare: 0.5,
                knownMinutes: 1,
                affectedMinutes: 1,
                basis: { fromSeq: 1, toSeq: 19 },
              },
            }
          : seq % 2 === 0
            ? batch(at, [observation(seq, at - 40, seq % 4 === 0 ? { outcome: 'lost' } : {})])
            : figures(at, seq)
    record.append([body], at)
  }
  record.close()
  return { directory, remove }
}

/** Counts the tries of the basis again. */
const shares: Recomputer = {
  kind: 'incident',
  recompute(entry, read) {
    if (entry.kind !== 'incident' || entry.body.basis === null) return null
    const tries = [...read({ ...entry.body.basis, kinds: ['observations'] })].flatMap((one) =>
      one.kind === 'observations' ? one.body.observations : [],
    )
    const affected = tries.filter(({ outcome }) => outcome !== 'ok').length
    return { 'share.affected': affected, 'share.total': tries.length, 'share.value': affected / tries.length }
  },
}

/** Entries 2, 4 … 10 are tries; 4 and 8 failed. */
const trueShare = { value: 0.4, low: 0.2, high: 0.8, affected: 2, total: 5, source: 'tries', kind: 'affected' } as const

function verdictOf(subject: string, options: VerifyOptions = {}): Verdict & { told: Problem[] } {
  const told: Problem[] = []
  return { ...verifyRecord(subject, { ...options, onProblem: (problem) => told.push(problem) }), told }
}

/** An edit by someone with a shell, after removing the triggers. */
function edit(directory: string, ...statements: readonly string[]): void {
  const db = new DatabaseSync(recordFile(directory))
  const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string }[]
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
  for (const statement of statements) db.exec(statement)
  db.close()
}

const shiftDown = 'UPDATE entries SET seq = -seq WHERE seq > 20; UPDATE entries SET seq = -seq - 1 WHERE seq < 0'
const shiftUp = 'UPDATE entries SET seq = -seq WHERE seq >= 20; UPDATE entries SET seq = -seq + 1 WHERE seq < 0'
const swap = 'UPDATE entries SET seq = -1 WHERE seq = 20; UPDATE entries SET seq = 20 WHERE seq = 21; UPDATE entries SET seq = 21 WHERE seq = -1'

const EDITS: readonly (readonly [what: string, first: number, kinds: readonly Problem['what'][], ...sql: string[]])[] = [
  ['a body edited', 20, ['edited'], `UPDATE entries SET body = replace(body, 'sign-in', 'web') WHERE seq = 20`],
  [
    'one number of an observation edited',
    22,
    ['edited'],
    `UPDATE entries SET body = replace(body, '"online":true', '"online":false') WHERE seq = 22`,
  ],
  ['a space put into a body', 20, ['edited', 'unreadable'], `UPDATE entries SET body = replace(body, '{"at"', '{ "at"') WHERE seq = 20`],
  ['a second value of one name', 20, ['edited', 'unreadable'], `UPDATE entries SET body = '{"impact":"none",' || substr(body, 2) WHERE seq = 20`],
  ['a body that is no JSON any more', 20, ['edited', 'unreadable'], `UPDATE entries SET body = 'gone' WHERE seq = 20`],
  ['a time edited', 20, ['edited'], 'UPDATE entries SET at = at + 1 WHERE seq = 20'],
  ['a time edited so that it falls', 20, ['time-fell', 'edited'], 'UPDATE entries SET at = at - 5000 WHERE seq = 20'],
  ['a kind edited', 20, ['edited'], "UPDATE entries SET kind = 'day' WHERE seq = 20"],
  ['a kind that there is not', 20, ['unknown-kind', 'edited'], "UPDATE entries SET kind = 'rumour' WHERE seq = 20"],
  ['a hash edited', 20, ['edited'], "UPDATE entries SET hash = x'" + 'ab'.repeat(32) + "' WHERE seq = 20"],
  ['an entry removed', 20, ['missing'], 'DELETE FROM entries WHERE seq = 20'],
  ['several entries removed', 20, ['missing'], 'DELETE FROM entries WHERE seq BETWEEN 20 AND 25'],
  ['the first entries removed', 1, ['missing'], 'DELETE FROM entries WHERE seq < 5'],
  ['an entry removed and the others renumbered', 20, ['edited'], 'DELETE FROM entries WHERE seq = 20', shiftDown],
  [
    'an entry put in and the others renumbered',
    20,
    ['edited'],
    shiftUp,
    'INSERT INTO entries SELECT 20, 1795273219500, kind, body, hash FROM entries WHERE seq = 10',
  ],
  ['two entries exchanged', 20, ['edited', 'time-fell'], swap],
  ['the first entry edited', 1, ['edited'], 'UPDATE entries SET at = at - 1 WHERE seq = 1'],
  ['the last entry edited', 40, ['edited'], 'UPDATE entries SET at = at + 1 WHERE seq = 40'],
  ['two edits', 10, ['edited', 'edited'], 'UPDATE entries SET at = at + 1 WHERE seq IN (10, 30)'],
  [
    'a statement dropped as if it were evidence',
    20,
    ['dropped-unstated'],
    'INSERT INTO segments SELECT 20, 20, at, at, (SELECT hash FROM entries WHERE seq = 19), hash, NULL FROM entries WHERE seq = 20',
    'DELETE FROM entries WHERE seq = 20',
  ],
  [
    'a gap that hides an edit before it',
    19,
    ['edited', 'dropped-unstated'],
    'INSERT INTO segments SELECT 20, 20, at, at, zeroblob(32), hash, NULL FROM entries WHERE seq = 20',
    'DELETE FROM entries WHERE seq = 20; UPDATE entries SET at = at + 1 WHERE seq = 19',
  ],
]

for (const [what, first, kinds, ...sql] of EDITS) {
  test(`[S5] verify finds ${what}, in the file and in its export`, () => {
    const { directory, remove } = makeRecord()
    edit(directory, ...sql)
    const verdict = verdictOf(directory)
    assert.deepEqual([verdict.sound, verdict.firstSeq], [false, first], JSON.stringify(verdict.told))
    assert.deepEqual(verdict.told.map(({ what: found }) => found).toSorted(), [...kinds].toSorted(), JSON.stringify(verdict.told))
    const exported = join(directory, 'export.jsonl')
    writeFileSync(exported, [...exportRecord(directory)].join(''))
    // Spaces and repeated names are not part of an export, so the exported entry is unchanged.
    if (!/space|second value/.test(what)) assert.equal(verdictOf(exported).firstSeq, first)
    remove()
  })
}

test('[S5] an entry replaced with its hash is found at the next entry', () => {
  const { directory, remove } = makeRecord()
  const other = makeRecord()
  const twin = new DatabaseSync(recordFile(other.directory))
  // Made by the program itself, on top of entry 19.
  edit(other.directory, 'DELETE FROM entries WHERE seq >= 20')
  twin.close()
  const record = openRecord(other.directory)
  record.append([incident(1, aDay + 20_000, { impact: 'none' })], aDay + 20_000)
  record.close()
  edit(
    directory,
    'DELETE FROM entries WHERE seq = 20',
    `ATTACH '${recordFile(other.directory)}' AS twin`,
    'INSERT INTO entries SELECT * FROM twin.entries WHERE seq = 20',
  )
  const verdict = verdictOf(directory)
  assert.equal(verdict.firstSeq, 21)
  assert.match(verdict.told[0]?.sentence ?? '', /or the one before, was edited, replaced/)
  remove()
  other.remove()
})

test('[S5] a recomputed or truncated chain is found by a noted hash', () => {
  const { directory, remove } = makeRecord()
  const { headHash } = verdictOf(directory)
  assert.equal(verdictOf(directory, { known: new Map([[40, headHash]]) }).sound, true)
  edit(directory, 'DELETE FROM entries WHERE seq > 35')
  assert.equal(verdictOf(directory).sound, true, 'the chain alone cannot know')
  const cut = verdictOf(directory, { known: new Map([[40, headHash]]) })
  assert.deepEqual([cut.sound, cut.firstSeq, cut.told[0]?.what], [false, 36, 'cut'])
  const record = openRecord(directory)
  for (let n = 0; n < 5; n++) record.append([figures(aDay + 50_000)], aDay + 50_000)
  record.close()
  assert.deepEqual(
    verdictOf(directory, { known: new Map([[40, headHash]]) }).told.map(({ what, seq }) => [what, seq]),
    [['edited', 40]],
  )
  remove()
})

test('[S6] a published number that differs from the stored entries is reported, in the file and in an export', () => {
  const { directory, remove } = makeRecord()
  const verdict = verdictOf(directory, { recomputers: [shares] })
  assert.deepEqual(
    verdict.told.map(({ sentence }) => sentence),
    [
      'Entry 20 states share.affected = 5; the stored entries give 2.',
      'Entry 20 states share.total = 10; the stored entries give 5.',
      'Entry 20 states share.value = 0.5; the stored entries give 0.4.',
    ],
  )
  assert.deepEqual([verdict.sound, verdict.firstSeq, verdict.recomputed], [false, 20, 1])
  const record = openRecord(directory)
  record.append(
    [incident(2, aDay + 60_000, { basis: { fromSeq: 2, toSeq: 11 }, share: trueShare }), incident(3, aDay + 60_000, { basis: null })],
    aDay + 60_000,
  )
  record.close()
  const corrected = verdictOf(directory, { recomputers: [shares] })
  assert.deepEqual([corrected.problems, corrected.recomputed], [3, 2], 'the correction is right, and the mistake stays to be seen')
  const file = join(directory, 'export.jsonl')
  writeFileSync(file, [...exportRecord(directory)].join(''))
  assert.deepEqual(verdictOf(file, { recomputers: [shares] }), corrected)
  remove()
})

test('[S5, S6] an export is JSON, complete or from a time on, and has the hash before it', () => {
  const { directory, remove } = makeRecord()
  const [, ...whole] = [...exportRecord(directory)].join('').trimEnd().split('\n')
  const record = openRecord(directory)
  assert.deepEqual(
    whole.map((line) => JSON.parse(line) as unknown),
    record.read({}),
  )
  record.close()
  const lines = [...exportRecord(directory, { from: aDay + 15_000, until: aDay + 25_000 })].join('').trimEnd().split('\n')
  assert.equal(lines.length, 11)
  const excerpt = join(directory, 'excerpt.jsonl')
  writeFileSync(excerpt, lines.join('\n'))
  const verdict = verdictOf(excerpt, { recomputers: [shares] })
  assert.deepEqual([verdict.sound, verdict.fromSeq, verdict.headSeq, verdict.recomputed, verdict.notRecomputable], [true, 15, 24, 0, 1])
  writeFileSync(excerpt, readFileSync(excerpt, 'utf8').replace('"connectedUsers":123', '"connectedUsers":923'))
  assert.equal(verdictOf(excerpt).firstSeq, 15)
  remove()
})

test('[S5] an export edited by hand fails at the edited line', () => {
  const { directory, remove } = makeRecord()
  const file = join(directory, 'export.jsonl')
  const lines = [...exportRecord(directory)].join('').trimEnd().split('\n')
  // The header is line 0, so entry n is line n.
  const cases: readonly (readonly [number, readonly string[]])[] = [
    [20, lines.toSpliced(20, 1)],
    [20, lines.toSpliced(20, 0, lines[19] ?? '')],
    [20, lines.with(20, lines[21] ?? '').with(21, lines[20] ?? '')],
    [20, lines.with(20, lines[20]?.replace('sign-in', 'web') ?? '')],
    [20, lines.with(20, '{"seq":20,')],
    [20, lines.with(20, '[]')],
    [20, lines.with(20, lines[20]?.replace('"body":{', '"body":{"x":"\\ud800",') ?? '')],
    [11, lines.slice(0, 11).concat(lines[11]?.slice(0, 80) ?? '')],
  ]
  for (const [first, edited] of cases) {
    writeFileSync(file, edited.join('\n'))
    assert.deepEqual([verdictOf(file).sound, verdictOf(file).firstSeq], [false, first], edited[first] ?? 'the last line')
  }
  for (const text of ['', 'x', '{}', `{"format":"bongsu-record","version":3,"fromSeq":1,"previousHash":"${'0'.repeat(64)}"}`]) {
    writeFileSync(file, text)
    assert.throws(() => verifyRecord(file), /is not an export of a record|another version/)
  }
  remove()
})

test('[S5] a damaged page is a result of verify, not a crash', () => {
  const { directory, remove } = makeRecord()
  const file = recordFile(directory)
  const record = openRecord(directory)
  for (let n = 0; n < 300; n++) record.append([incident(n, aDay + 60_000)], aDay + 60_000)
  record.close()
  const bytes = readFileSync(file)
  bytes.fill(0x55, bytes.length - 40_960, bytes.length - 20_480)
  writeFileSync(file, bytes)
  const verdict = verdictOf(directory)
  assert.equal(verdict.sound, false)
  assert(verdict.told.some(({ what }) => what === 'file'))
  remove()
})
