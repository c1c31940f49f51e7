import type { AccountId, ConversationId, DeviceId, Entry, Item } from '@bongsu/protocol'
import type { AppendRequest, Appended, SetDone, SetRequest } from '../conversation/log-store.ts'
import type { Bus } from './bus.ts'

/** Tells every server process what has changed. Called only after it is durable; may be lost without harm [D1]. */
export interface Announce {
  readonly appended: (request: AppendRequest, result: Appended) => void
  readonly marked: (request: SetRequest, result: SetDone) => void
  readonly accounts: (accountIds: readonly AccountId[]) => void
  readonly reads: (conversationIds: readonly ConversationId[]) => void
  readonly typing: (conversationId: ConversationId, accountId: AccountId) => void
  readonly revoked: (deviceId: DeviceId) => void
  /** The device has come in by this process. @param at epoch ms. */
  readonly cameIn: (accountId: AccountId, deviceId: DeviceId, at: number) => void
}

/** @param process names this process among all that share the bus. */
export function createAnnounce(bus: Bus, process: string): Announce {
  return {
    appended(request, result) {
      // The entry rides along, which spares every process the reading; `seq` alone would do.
      const entry: Entry = { seq: result.seq, acceptedAt: result.acceptedAt, author: request.author, id: request.id, body: result.body }
      bus.publish({ t: 'entry', conversationId: request.conversationId, seq: result.seq, entry })
      for (const accountId of result.accounts) bus.publish({ t: 'account', accountId })
    },
    marked({ conversationId, author }, { change, head, written }) {
      if (written === null) return
      if (written.owner === 'account') return bus.publish({ t: 'account', accountId: author })
      const { kind, key, value } = written
      const item = { kind, key, change, value: JSON.parse(value ?? 'null') as unknown } as Item
      bus.publish({ t: 'items', conversationId, change, head, item })
    },
    accounts(accountIds) {
      for (const accountId of accountIds) bus.publish({ t: 'account', accountId })
    },
    reads(conversationIds) {
      for (const conversationId of conversationIds) bus.publish({ t: 'reads', conversationId })
    },
    typing: (conversationId, accountId) => bus.publish({ t: 'typing', conversationId, accountId }),
    revoked: (deviceId) => bus.publish({ t: 'revoked', deviceId }),
    cameIn: (accountId, deviceId, at) => bus.publish({ t: 'superseded', accountId, deviceId, process, at }),
  }
}
