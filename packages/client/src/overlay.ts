import { markKind } from '@bongsu/protocol'
import { keyOf, type HeldItem } from '@bongsu/log'
import type { PendingAct } from './outbox.ts'
import { withRoomItems } from './room-items.ts'
import { withRoom, type ReplicaState } from './state.ts'

/** Above every change a server can reach, and within the range of exact integers. */
const unanswered = 2 ** 52

/** The replica as if the outbox's acts were done: a person's act is visible at once, and no longer when it is refused [I11]. */
export function withActs(state: ReplicaState, acts: readonly PendingAct[]): ReplicaState {
  let shown = state
  for (const [index, act] of acts.entries()) if (act.progress !== 'refused') shown = withAct(shown, act, index)
  return shown
}

function withAct(state: ReplicaState, { conversationId, act, about, writtenAt }: PendingAct, index: number): ReplicaState {
  const kind = markKind(act.kind)
  if (kind === undefined || state.accountId === null) return state
  if (act.kind === 'hidden') {
    const seqs = new Set(state.hidden.get(conversationId)).add(about.seq)
    return { ...state, hidden: new Map(state.hidden).set(conversationId, seqs) }
  }
  const room = state.rooms.get(conversationId)
  if (room === undefined) return state
  const value = act.value === null ? null : kind.stored(act.value, writtenAt)
  const item: HeldItem = { kind: act.kind, key: keyOf(act.kind, conversationId, about.seq, state.accountId), change: unanswered + index, value }
  return withRoom(state, withRoomItems(room, [item]).room)
}
