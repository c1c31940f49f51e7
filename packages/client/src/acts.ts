import { markKind, type Act } from '@bongsu/protocol'
import type { DeviceHandle } from './device.ts'
import type { DeviceReplica } from './device-replica.ts'
import { entryAt } from './room.ts'
import { SendRejected, type Sending } from './sending.ts'
import { serverHas } from './state.ts'

/** Acts of a person on an existing entry. Each act is stored before it is sent, like an entry [C1, I2]. */
export function createActs(options: {
  readonly replica: Pick<DeviceReplica, 'state'>
  readonly sending: Pick<Sending, 'addAct'>
}): DeviceHandle['act'] {
  return async (conversationId, about, act) => {
    const state = options.replica.state()
    if (!serverHas(state, 'items')) throw new SendRejected('feature-missing')
    const room = state.rooms.get(conversationId)
    if (room === undefined) throw new SendRejected('not-a-member')
    const entry = entryAt(room, about.seq)
    // For an entry that is not in memory, the server decides.
    const code = entry === undefined ? null : refusalOf(act, entry.id === about.id && entry.body.kind !== 'erased', entry.author === state.accountId)
    if (code !== null) throw new SendRejected(code)
    return options.sending.addAct({ conversationId, act, about: { seq: about.seq, id: about.id } })
  }
}

function refusalOf({ kind }: Act, isThere: boolean, isMine: boolean): 'subject-gone' | 'forbidden' | null {
  const traits = markKind(kind)
  if (!isThere && traits?.on !== 'any') return 'subject-gone'
  return traits?.by === 'author' && !isMine ? 'forbidden' : null
}
