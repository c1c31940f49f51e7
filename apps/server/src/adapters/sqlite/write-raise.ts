import { decideRaise } from '@bongsu/log'
import type { DatabaseSync } from 'node:sqlite'
import type { RaiseRequest } from '../../receipts/receipt-store.ts'
import { one } from './connection.ts'
import type { PutItem } from './write-items.ts'

interface MarkRow {
  readonly conversationKey: number
  readonly accountKey: number
  readonly watermark: number
  readonly head: number
}

export type Raise = (request: RaiseRequest) => boolean

export function prepareRaise(db: DatabaseSync, putItem: PutItem): Raise {
  const markOf = db.prepare(`
    SELECT m.conversation_key AS conversationKey, m.account_key AS accountKey, m.watermark, c.head
    FROM accounts a JOIN conversations c ON c.conversation_id = ?
    JOIN members m ON m.conversation_key = c.conversation_key AND m.account_key = a.account_key
    WHERE a.account_id = ? AND m.waiting = 0`)
  const set = db.prepare('UPDATE members SET watermark = ? WHERE conversation_key = ? AND account_key = ?')

  return ({ conversationId, accountId, seq }) => {
    const mark = one<MarkRow>(markOf, conversationId, accountId)
    if (!mark) return false
    const next = decideRaise(mark.watermark, seq, mark.head)
    if (next === null) return false
    set.run(next, mark.conversationKey, mark.accountKey)
    putItem(mark.accountKey, 'read', conversationId, `{"seq":${next}}`)
    return true
  }
}
