import type { AccountId, ConversationId, EntryBody, SendBody } from '@bongsu/protocol'
import type { AppendRequest } from '../../apps/server/src/conversation/log-store.ts'
import type { RaiseRequest } from '../../apps/server/src/receipts/receipt-store.ts'

interface ModelEntry {
  readonly author: AccountId
  readonly id: string
  readonly body: EntryBody
  /** JSON of what was asked, with its conversation: what a repeat must match. */
  readonly asked: string
}

export interface ModelRoom {
  readonly kind: 'direct' | 'group'
  title: string
  readonly entries: ModelEntry[]
  readonly members: Map<AccountId, { joinedSeq: number; watermark: number }>
}

/** What the log promises, in memory and as plainly as it can be said. Small numbers only: it knows no limits. */
export class LogModel {
  readonly rooms = new Map<ConversationId, ModelRoom>()
  /** How far each account's own log has risen. */
  readonly heads = new Map<AccountId, number>()
  readonly #byName = new Map<string, { seq: number; entry: ModelEntry }>()

  append({ conversationId, author, id, body }: AppendRequest): string {
    const asked = JSON.stringify([conversationId, body])
    const known = this.#byName.get(`${author} ${id}`)
    if (known) return known.entry.asked === asked ? `repeated ${known.seq}` : 'id-conflict'
    const room = this.rooms.get(conversationId)
    if (!room?.members.has(author)) return 'not-a-member'
    if (body.kind !== 'text' && room.kind !== 'group') return 'conversation-kind'
    const written = this.#apply(room, author, body)
    if (written === null) return 'body-invalid'
    const entry = { author, id, body: written, asked }
    this.#byName.set(`${author} ${id}`, { seq: room.entries.push(entry), entry })
    return `new ${room.entries.length}`
  }

  raise({ conversationId, accountId, seq }: RaiseRequest): boolean {
    const room = this.rooms.get(conversationId)
    const member = room?.members.get(accountId)
    const next = Math.min(seq, room?.entries.length ?? 0)
    if (!member || next <= member.watermark) return false
    member.watermark = next
    this.#rise(accountId)
    return true
  }

  unread(room: ModelRoom): number[] {
    return room.entries.map(
      ({ author }, index) =>
        [...room.members].filter(([account, { joinedSeq, watermark }]) => account !== author && joinedSeq <= index + 1 && watermark < index + 1)
          .length,
    )
  }

  #apply(room: ModelRoom, author: AccountId, body: SendBody): EntryBody | null {
    const seq = room.entries.length + 1
    if (body.kind === 'renamed') room.title = body.title
    if (body.kind === 'left') {
      room.members.delete(author)
      this.#rise(author)
    }
    if (body.kind !== 'invited') return body
    const accounts = [...new Set(body.accounts)].filter((account) => this.heads.has(account) && !room.members.has(account))
    for (const account of accounts) {
      room.members.set(account, { joinedSeq: seq, watermark: seq - 1 })
      this.#rise(account)
    }
    return accounts.length === 0 ? null : { kind: 'invited', accounts }
  }

  #rise(account: AccountId): void {
    this.heads.set(account, (this.heads.get(account) ?? 0) + 1)
  }
}
