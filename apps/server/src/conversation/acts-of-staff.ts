import type { AccountId, ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { Clock, Random } from '../ops/clock.ts'
import type { AppendRequest, Appended, LogStore, SetDone, SetRequest } from './log-store.ts'

/** An entry that staff hide from everybody. */
export interface Hiding {
  readonly conversationId: ConversationId
  readonly seq: number
  readonly id: ClientMessageId
  readonly author: AccountId
}

/** A member whom staff remove from a group. */
export interface Removing {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
}

/** What staff do in conversations. Each act may be done twice. */
export interface ActsOfStaff {
  /** Hides an entry; one that is erased already stays so [B66]. */
  hide(entry: Hiding): Promise<void>
  /** Removes a member, who may not come back unless invited by somebody who may remove. One who is no member stays so: see `keepOut` [B67, B68]. */
  remove(member: Removing): Promise<void>
}

export interface ActsOfStaffParts {
  readonly log: Pick<LogStore, 'append' | 'set'>
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'uuid'>
  /** Left out by a program without devices: the server finds what is new. */
  readonly announce?: {
    readonly appended: (request: AppendRequest, result: Appended) => void
    readonly marked: (request: SetRequest, result: SetDone) => void
  }
}

/** The acts are in the name of the one whom they are about: staff need not be members. */
export function createActsOfStaff({ log, clock, random, announce }: ActsOfStaffParts): ActsOfStaff {
  const newId = (): ClientMessageId => random.uuid() as ClientMessageId
  return {
    async hide({ conversationId, seq, id: subject, author }) {
      const request: SetRequest = { conversationId, author, id: newId(), seq, subject, act: { kind: 'erased', value: {} }, byStaff: true }
      const [result] = await log.set([request], clock.now())
      if (result?.ok === true && result.written !== null) announce?.marked(request, result)
    },
    async remove({ conversationId, accountId }) {
      const body = { kind: 'removed', accountId, barred: true, by: 'staff' } as const
      const request: AppendRequest = { conversationId, author: accountId, id: newId(), body }
      const [result] = await log.append([request], clock.now())
      if (result?.ok === true) announce?.appended(request, result)
    },
  }
}
