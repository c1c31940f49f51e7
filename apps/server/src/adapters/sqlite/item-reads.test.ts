import assert from 'node:assert/strict'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { cutLog } from './connection.ts'
import { migrate } from './migrate.ts'
import { loadMigrations } from './migrations.ts'
import { prepareAuditReads } from './read-audit.ts'
import { prepareItemReads } from './read-items.ts'
import { prepareEntries } from './write-entries.ts'
import { prepareItems } from './write-items.ts'
import { prepareSet } from './write-set.ts'

const ROOM = 'room'

/** A database whose statements are noted, and whose rows are counted as they are read. */
function watched(t: TestContext) {
  const db = new DatabaseSync(':memory:')
  t.after(() => db.close())
  migrate(db, loadMigrations(), 1)
  const seen = { statements: new Set<string>(), rows: 0 }
  const watchedDb = {
    prepare(sql: string) {
      seen.statements.add(sql)
      const statement = db.prepare(sql)
      function* iterate(...parameters: never[]) {
        for (const row of statement.iterate(...parameters)) {
          seen.rows++
          yield row
        }
      }
      const all = (...parameters: never[]) => [...iterate(...parameters)]
      return { all, iterate, get: statement.get.bind(statement), run: statement.run.bind(statement) } as unknown as StatementSync
    },
  } as DatabaseSync
  return { db, watchedDb, seen }
}

/** A conversation whose entries 1..entries have so many marks each. */
function fill(db: DatabaseSync, entries: number, marksOfEach: number): void {
  db.exec(`INSERT INTO conversations (conversation_key, conversation_id, kind, title, head, member_count, created_at, change)
    VALUES (1, '${ROOM}', 'group', '', ${entries}, 1, 0, ${entries * marksOfEach})`)
  const put = db.prepare("INSERT INTO conversation_items (conversation_key, kind, key, change, subject, value) VALUES (1, 'reaction', ?, ?, ?, '{}')")
  for (let change = 1, seq = 1; seq <= entries; seq++) for (let n = 0; n < marksOfEach; n++) put.run(`${seq}:${n}`, change++, seq)
}

test('[O1] no statement about the marks of entries reads all items of their conversation', (t) => {
  const { db, watchedDb, seen } = watched(t)
  prepareSet(watchedDb, prepareEntries(watchedDb), prepareItems(watchedDb))
  prepareItemReads(watchedDb)
  prepareAuditReads(watchedDb)
  const about = [...seen.statements].filter((sql) => /(FROM|UPDATE|INTO) conversation_items/.test(sql) && !sql.trimStart().startsWith('INSERT'))
  assert.ok(about.length >= 6, 'the statements are seen')
  for (const sql of about) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as unknown as { readonly detail: string }[]
    for (const { detail } of plan) assert.doesNotMatch(detail, /conversation_items.*\(conversation_key=\?\)|SCAN conversation_items/, sql)
  }
})

test('[O1] marks of a page are counted no further than fit into it', (t) => {
  const { db, watchedDb, seen } = watched(t)
  fill(db, 200, 3)
  const { first, items } = JSON.parse(prepareItemReads(watchedDb).marks(ROOM, 1, 200, 6)) as { first: number; items: unknown[] }
  assert.deepEqual([first, items.length], [199, 6])
  assert.ok(seen.rows <= 3 + 6, `${seen.rows} rows were read`)
})

test('[A1, O1] a hash covers so many marks and not one more; of more there is none, and the entries are compared all the same', (t) => {
  const { db } = watched(t)
  fill(db, LIMITS.auditEntriesMax, 2)
  const reads = prepareAuditReads(db, 40)
  assert.match(reads.hash(ROOM, 1, 20).marks ?? '', /^[0-9a-f]{64}$/)
  assert.equal(reads.hash(ROOM, 1, 21).marks, null)
})

test('[I6, O1] where the log cannot be cut, by a full disk or a reader, it is tried again; a wrong statement is no such case', () => {
  const failing = (errcode: number): DatabaseSync => {
    const set: string[] = []
    return {
      exec: (sql: string) => void set.push(sql),
      prepare: () => {
        throw Object.assign(new Error('no'), { errcode })
      },
    } as unknown as DatabaseSync
  }
  for (const errcode of [6, 13, 778]) assert.equal(cutLog(failing(errcode)), false, `${errcode}`)
  assert.throws(() => cutLog(failing(1)), /no/)
})
