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
  /** Who is host; stays the name of a host who has left with nobody to follow. */
  host: AccountId
  deputies: AccountId[]
  /** The rank that each right asks for: 0 for every member, 1 for a deputy, 2 for the host [B12]. */
  readonly rights: Record<string, number>
  readonly barred: Set<AccountId>
}

const RANKS: readonly string[] = ['member', 'deputy', 'host']
export const FREE: Readonly<Record<string, number>> = { invite: 0, rename: 0, remove: 1, post: 0 }

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
    if (typeof written === 'string') return written
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

  /** The body as stored, or why not. */
  #apply(room: ModelRoom, author: AccountId, body: SendBody): EntryBody | string {
    const seq = room.entries.length + 1
    const rank = (account: AccountId): number => (account === room.host ? 2 : room.deputies.includes(account) ? 1 : 0)
    const may = (right: string): boolean => room.kind !== 'group' || rank(author) >= (room.rights[right] ?? 0)
    const go = (account: AccountId): void => {
      room.members.delete(account)
      room.deputies = room.deputies.filter((one) => one !== account)
      this.#rise(account)
    }
    if (body.kind === 'renamed') {
      if (!may('rename')) return 'role-too-low'
      room.title = body.title
      return body
    }
    if (body.kind === 'left') {
      go(author)
      if (author !== room.host || room.members.size === 0) return body
      // [B11] The oldest deputy, else the oldest member.
      const oldest = [...room.members].toSorted(([a, one], [b, other]) => one.joinedSeq - other.joinedSeq || (a < b ? -1 : 1))[0]![0]
      room.host = room.deputies[0] ?? oldest
      room.deputies = room.deputies.slice(1)
      return { kind: 'left', host: room.host }
    }
    if (body.kind === 'removed') {
      const { accountId } = body
      if (!may('remove')) return 'role-too-low'
      if (accountId === author) return 'body-invalid'
      if (!room.members.has(accountId)) return 'member-unknown'
      if (rank(accountId) === 2 || (rank(accountId) === 1 && rank(author) < 2)) return 'forbidden'
      go(accountId)
      if (body.barred) room.barred.add(accountId)
      return body
    }
    if (body.kind === 'role') {
      const { accountId, role } = body
      if (rank(author) < 2) return 'role-too-low'
      if (accountId === author) return 'body-invalid'
      if (!room.members.has(accountId)) return 'member-unknown'
      if (RANKS[rank(accountId)] === role) return 'body-invalid'
      room.deputies = room.deputies.filter((one) => one !== accountId)
      if (role === 'deputy') room.deputies.push(accountId)
      if (role === 'host') room.host = accountId
      return body
    }
    if (body.kind === 'rights') {
      if (rank(author) < 2) return 'role-too-low'
      const chosen = Object.entries(body.rights).map(([right, role]) => [right, RANKS.indexOf(role)] as const)
      if (chosen.every(([right, least]) => room.rights[right] === least)) return 'body-invalid'
      for (const [right, least] of chosen) room.rights[right] = least
      return body
    }
    if (body.kind !== 'invited') return may('post') ? body : 'role-too-low'
    if (!may('invite')) return 'role-too-low'
    if (body.accounts.some((account) => room.barred.has(account) && !room.members.has(account)) && !may('remove')) return 'barred'
    const accounts = [...new Set(body.accounts)].filter((account) => this.heads.has(account) && !room.members.has(account))
    for (const account of accounts) {
      room.barred.delete(account)
      room.members.set(account, { joinedSeq: seq, watermark: seq - 1 })
      this.#rise(account)
    }
    return accounts.length === 0 ? 'body-invalid' : { kind: 'invited', accounts }
  }

  #rise(account: AccountId): void {
    this.heads.set(account, (this.heads.get(account) ?? 0) + 1)
  }
}
