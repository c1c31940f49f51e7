import type { AccountId, ConversationId, DeviceId, Entry, Item } from '@bongsu/protocol'
import type { AppendRequest, Appended, SetDone, SetRequest } from '../conversation/log-store.ts'
import type { Bus } from './bus.ts'

/** Tells every server process about a change. Called only after the change is durable. A lost hint does no harm [D1]. */
export interface Announce {
  readonly appended: (request: AppendRequest, result: Appended) => void
  readonly marked: (request: SetRequest, result: SetDone) => void
  readonly accounts: (accountIds: readonly AccountId[]) => void
  readonly reads: (conversationIds: readonly ConversationId[]) => void
  readonly typing: (conversationId: ConversationId, accountId: AccountId) => void
  readonly revoked: (deviceId: DeviceId) => void
  /** The device has connected to this process. @param at when its connection began, epoch ms. */
  readonly cameIn: (accountId: AccountId, deviceId: DeviceId, at: number) => void
}

/** @param process names this process among all on the bus. */
export function createAnnounce(bus: Bus, process: string): Announce {
  return {
    appended(request, result) {
      // The hint contains the entry, which saves every process a read. `seq` alone would be enough.
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
