import type { PendingAct } from './outbox.ts'
import { withActs } from './overlay.ts'
import type { ReplicaState } from './state.ts'

/** The replica with the outbox's acts applied, rebuilt only when one of the two has changed. */
export function createShownReplica(): (state: ReplicaState, acts: readonly PendingAct[]) => ReplicaState {
  let last: { readonly state: ReplicaState; readonly acts: readonly PendingAct[]; readonly shown: ReplicaState } | null = null
  return (state, acts) => {
    if (last?.state !== state || last.acts !== acts) last = { state, acts, shown: withActs(state, acts) }
    return last.shown
  }
}
