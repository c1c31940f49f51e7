import assert from 'node:assert/strict'
import { LIMITS, type AccountId, type ClientMessageId, type ConversationId, type DeviceId, type Entry, type RouteName } from '@bongsu/protocol'
import { createBuilder } from '../../apps/server/src/accounts/builder.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import type { SqlDatabase, Statement } from '../../apps/server/src/accounts/sql-database.ts'
import { httpHandlers, type HttpParts, type Request } from '../../apps/server/src/gateway/http-handlers.ts'
import { NO_QUOTAS } from '../../apps/server/src/gateway/quotas.ts'
import type { Chance } from './chance.ts'
import type { Disk, StorePorts } from './disk.ts'
import type { Host } from './host.ts'
import type { JudgedKind } from './judged.ts'

/** What an HTTP request of a device comes to. */
export type HttpAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly refusal: { readonly code: string; readonly retryAfterMs?: number } }

export interface HttpRequest {
  readonly name: string
  readonly params?: { readonly conversationId?: ConversationId; readonly accountId?: AccountId }
  readonly query?: { readonly before?: number; readonly limit?: number; readonly marks?: boolean }
  readonly body?: {
    readonly accountIds?: readonly AccountId[]
    readonly accounts?: readonly AccountId[]
    readonly title?: string
    readonly id?: ClientMessageId
  }
}

export interface HttpWorld {
  readonly host: Host
  readonly disk: Disk
  readonly store: StorePorts
  readonly chance: Chance
  /** These are in a conversation that was just made. */
  readonly opened: (accountIds: readonly AccountId[]) => void
  readonly broken: (promise: string, sentence: string) => void
  readonly judged: (kind: JudgedKind) => void
}

export type Http = (accountId: AccountId, deviceId: DeviceId, request: HttpRequest) => Promise<HttpAnswer>

/** What else of HTTP the client asks for is no part of this world: names, and reports of outages. */
type Served = Extract<RouteName, 'readHistory' | 'openDirect' | 'createGroup'>

/** The real handlers of what concerns conversations. */
export function createHttp(world: HttpWorld): Http {
  const { host, disk, store, chance } = world
  const parts = {
    accounts: { sql: roomsOnly(disk, host), db: createBuilder('sqlite'), clock: host, random: chance } as Partial<AccountsParts> as AccountsParts,
    log: store.log,
    quotas: NO_QUOTAS,
    opened: ({ accounts }) => world.opened(accounts),
  } as Partial<HttpParts> as HttpParts

  async function serve<N extends Served>(name: N, caller: Request<N>['caller'], { params, query, body }: HttpRequest): Promise<HttpAnswer> {
    const request = { caller, address: '192.0.2.1', params: params ?? {}, query: query ?? {}, body: body ?? {} } as unknown as Request<N>
    const answer = await httpHandlers[name](parts, request)
    return answer.ok ? answer : { ok: false, refusal: { code: answer.code } }
  }

  /** [W4, D10] A page as it is sent: no gap, nothing that its reader may not see, and nothing that is not in the log. */
  function judgePage(accountId: AccountId, conversationId: ConversationId, entries: readonly Entry[]): void {
    const log = disk.truth.entries(conversationId)
    entries.forEach(({ seq, id, author }, index) => {
      const at = `${conversationId}#${seq}`
      if (seq !== (entries[0]?.seq ?? 0) + index) world.broken('D10', `a page has ${at} where #${(entries[0]?.seq ?? 0) + index} belongs`)
      const kept = log[seq - 1]
      // A reader of version 1 is told of a removal as of a leaving [B14].
      const authors = kept?.body.kind === 'removed' ? [kept.author, kept.body.accountId] : [kept?.author]
      if (kept?.id !== id || !authors.includes(author)) world.broken('M1', `a page has ${at}, which is not what is durable there`)
      if (!disk.maySee(accountId, conversationId, seq)) world.broken('W4', `a page has ${at}, and is sent to ${accountId}, who is not in it there`)
    })
  }

  return async (accountId, deviceId, request) => {
    const caller = { accountId, deviceId }
    switch (request.name) {
      case 'readHistory': {
        const answer = await serve('readHistory', caller, request)
        if (answer.ok) world.judged('history: page of older entries')
        if (answer.ok) judgePage(accountId, request.params?.conversationId as ConversationId, (answer.value as { entries: readonly Entry[] }).entries)
        return answer
      }
      case 'createGroup':
      case 'openDirect':
        return serve(request.name, caller, request)
      case 'lookUpPeople': {
        const asked = (request.body?.accountIds ?? []).slice(0, LIMITS.peoplePerLookupMax)
        const position = await store.resume.position(accountId, null)
        const rooms = position?.memberships ?? []
        const known = asked.filter((other) => rooms.some((room) => disk.joinedSeq(room.conversationId, other) !== null))
        return { ok: true, value: { people: known.map((other) => ({ accountId: other, handle: 'someone', displayName: '아무개' })) } }
      }
      case 'reportOutages':
        return { ok: true, value: {} }
      default:
        return { ok: false, refusal: { code: 'not-found' } }
    }
  }
}

/** Of SQL three questions are understood here: which conversation do two have, is this account in it, and since which entry? Nobody waits here [B40]. */
function roomsOnly(disk: Disk, host: Host): SqlDatabase {
  return {
    dialect: 'sqlite',
    async read<Row>({ sql, parameters }: Statement): Promise<readonly Row[]> {
      if (sql.startsWith('select "conversation_id" from "conversations" where "direct_key" = ')) {
        const [one, other] = (parameters[0] as string).split(':') as [string, string]
        const there = await disk.readDirect(host, one, other)
        return (there === undefined ? [] : [{ conversation_id: there }]) as Row[]
      }
      const asksKind = sql.startsWith('select "conversations"."kind" from "members"')
      if (!asksKind) assert.match(sql, /^select "members"\."joined_seq" from "members"/)
      const [conversationId, accountId] = parameters as [ConversationId, AccountId]
      const joinedSeq = await disk.readJoinedSeq(host, conversationId, accountId)
      return (joinedSeq === null ? [] : [asksKind ? { kind: 'direct' } : { joined_seq: joinedSeq }]) as Row[]
    },
    // A restore came between two questions: nobody waits in a conversation that is not there.
    atomic: async () => ({ ok: false, failed: 'decided' }),
  }
}
