import { markKind, type Act, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { DeviceHandle } from './device.ts'
import type { DeviceReplica } from './device-replica.ts'
import type { MarkedEntry } from './marked-entry.ts'
import type { LocalStore } from './ports.ts'
import { entryAt } from './room.ts'
import { SendRejected, type Sending } from './sending.ts'
import { serverHas } from './state.ts'

/** What a person does to an entry that is there. Each act is stored before it is sent, like an entry [C1, I2]. */
export type Acts = Pick<DeviceHandle, 'react' | 'edit' | 'erase' | 'hide'>

export function createActs(options: {
  readonly replica: Pick<DeviceReplica, 'state'>
  readonly store: Pick<LocalStore, 'readEntries'>
  readonly sending: Pick<Sending, 'addAct'>
}): Acts {
  const { replica, store, sending } = options

  async function entryOf(conversationId: ConversationId, seq: number): Promise<MarkedEntry> {
    const room = replica.state().rooms.get(conversationId)
    if (room === undefined) throw new SendRejected('not-a-member')
    const entry = entryAt(room, seq) ?? (await store.readEntries(conversationId, seq, seq).catch(() => []))[0]
    if (entry === undefined) throw new SendRejected('subject-gone')
    return entry
  }

  async function act(conversationId: ConversationId, seq: number, wanted: Act): Promise<ClientMessageId> {
    const { accountId } = replica.state()
    if (!serverHas(replica.state(), 'items')) throw new SendRejected('feature-missing')
    const entry = await entryOf(conversationId, seq)
    const kind = markKind(wanted.kind)
    if (entry.body.kind === 'erased' && kind?.on !== 'any') throw new SendRejected('subject-gone')
    if (kind?.by === 'author' && entry.author !== accountId) throw new SendRejected('forbidden')
    return sending.addAct({ conversationId, act: wanted, about: { seq, id: entry.id } })
  }

  return {
    react: (conversationId, seq, emoji) => act(conversationId, seq, { kind: 'reaction', value: emoji === null ? null : { emoji } }),
    edit: (conversationId, seq, text, mentions) =>
      act(conversationId, seq, { kind: 'edit', value: { text, ...(mentions === undefined || mentions.length === 0 ? {} : { mentions }) } }),
    erase: (conversationId, seq) => act(conversationId, seq, { kind: 'erased', value: {} }),
    hide: (conversationId, seq) => act(conversationId, seq, { kind: 'hidden', value: {} }),
  }
}
