import { subjectOf } from '@bongsu/log'
import { markKind } from '@bongsu/protocol'
import { isItem } from '@bongsu/protocol/check'
import type { DatabaseSync } from 'node:sqlite'
import type { Report } from '../../store/store-keeper.ts'
import { all, one, rowsOf } from './connection.ts'

/** Most findings of one kind. More would only repeat. */
const findingsMax = 1_000

interface ItemRow {
  readonly conversationId: string | null
  readonly last: number | null
  readonly head: number | null
  readonly kind: string
  readonly key: string
  readonly change: number
  readonly subject: number | null
  readonly value: string | null
}

interface Finding {
  readonly conversationId: string
  readonly seq: number
  readonly n: number
}

const CONVERSATION = 'coalesce(c.conversation_id, i.conversation_key) AS conversationId'
const WITH_ENTRY =
  'conversation_items i JOIN conversations c USING (conversation_key) LEFT JOIN entries e ON e.conversation_key = i.conversation_key AND e.seq = i.subject'

/** Checks across several rows. Each query looks up single rows. */
const CHECKS: readonly (readonly [query: string, say: (row: Finding) => string])[] = [
  [
    // A write that raises the change gives its number to an item, and only a later write removes an item.
    `SELECT c.conversation_id AS conversationId, c.change AS seq,
       coalesce((SELECT max(change) FROM conversation_items i WHERE i.conversation_key = c.conversation_key), 0) AS n FROM conversations c WHERE n <> c.change`,
    ({ seq, n }) => `the last change is ${seq}, the newest item has ${n} [I1]`,
  ],
  [
    `SELECT ${CONVERSATION}, i.subject AS seq FROM ${WITH_ENTRY} WHERE i.kind = 'erased' AND e.kind IS NOT 'erased'`,
    ({ seq }) => `entry ${seq} is said to be erased and is not [I6]`,
  ],
  [
    `SELECT c.conversation_id AS conversationId, e.seq FROM entries e JOIN conversations c USING (conversation_key) WHERE e.kind = 'erased' AND NOT EXISTS (
       SELECT 1 FROM conversation_items i WHERE i.conversation_key = e.conversation_key AND i.kind = 'erased' AND i.key = CAST(e.seq AS TEXT))`,
    ({ seq }) => `entry ${seq} is erased, and no mark says so [I6]`,
  ],
  [
    `SELECT ${CONVERSATION}, i.subject AS seq FROM ${WITH_ENTRY} WHERE i.kind <> 'erased' AND e.kind = 'erased'`,
    ({ seq }) => `entry ${seq} is erased and has other marks [I6]`,
  ],
  [
    `SELECT ${CONVERSATION}, i.subject AS seq FROM ${WITH_ENTRY} WHERE i.kind = 'edit' AND i.value IS NOT NULL AND json_valid(i.value) AND json_valid(e.body)
       AND json_extract(i.value, '$.text') IS NOT json_extract(e.body, '$.text')`,
    ({ seq }) => `entry ${seq} does not have the text of its last edit [I6]`,
  ],
  [
    `SELECT c.conversation_id AS conversationId, e.seq FROM entries e JOIN conversations c USING (conversation_key) WHERE e.asked = '' AND NOT EXISTS (
       SELECT 1 FROM conversation_items i WHERE i.conversation_key = e.conversation_key AND i.subject = e.seq AND i.kind IN ('edit', 'erased'))`,
    ({ seq }) => `what was asked for at entry ${seq} is gone, and no mark says why [M2, I6]`,
  ],
]

/** Checks the items of every conversation, one by one and against their entries: section I of SPEC.md. */
export function verifyItems(db: DatabaseSync, violation: Report): void {
  // A backup by an older version does not have this table.
  if (one(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'conversation_items'")) === undefined) return
  const items = db.prepare(`
    SELECT c.conversation_id AS conversationId, c.change AS last, c.head, i.kind, i.key, i.change, i.subject, i.value FROM conversation_items i
    LEFT JOIN conversations c ON c.conversation_key = i.conversation_key ORDER BY i.conversation_key`)
  for (const row of rowsOf<ItemRow>(items)) checkItem(row, violation)
  for (const [query, say] of CHECKS) {
    for (const row of all<Finding>(db.prepare(`${query} LIMIT ${findingsMax}`))) violation(`items of conversation ${row.conversationId}`, say(row))
  }
}

function checkItem({ conversationId, last, head, kind, key, change, subject, value }: ItemRow, violation: Report): void {
  const where = `item ${kind} ${key} of conversation ${conversationId ?? 'that does not exist'}`
  if (last === null || head === null) return violation(where, 'belongs to nothing')
  if (change < 1 || change > last) violation(where, `change ${change} is not between 1 and the last change ${last} [I1]`)
  if (subject !== subjectOf(key)) violation(where, `is kept as about entry ${subject}`)
  if (subject !== null && subject > head) violation(where, `is about an entry beyond the head ${head} [I4]`)
  let read: unknown
  try {
    read = JSON.parse(value ?? 'null')
  } catch {
    return violation(where, 'is not JSON')
  }
  // An item of a kind that a newer program wrote is kept as it is [W3].
  if (markKind(kind) !== undefined && !isItem({ kind, key, change, value: read })) violation(where, 'is not an item of the protocol [I1]')
}
