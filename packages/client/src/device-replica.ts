import type { Effect } from './effect.ts'
import type { Persist } from './persist.ts'
import { apply, type ReplicaFrame } from './replica.ts'
import { EMPTY_STATE, stateOf, withRoom, type ReplicaState, type Room, type StoredState } from './state.ts'

/** The replica of one device: its present state, and the only way to change it. */
export interface DeviceReplica {
  readonly state: () => ReplicaState
  /** Adopts the state, stores it together with the entries of its effects, then performs the effects. */
  become(state: ReplicaState, effects: readonly Effect[]): void
  apply(frame: ReplicaFrame): void
  putRoom(room: Room): void
  /** The server has said how far its history has come [A7]. */
  hear(said: { readonly lineage?: string; readonly tide?: string }): void
  /** The state from the store. */
  load(stored: StoredState): void
  forget(): void
}

export function createDeviceReplica(options: {
  readonly persist: Pick<Persist, 'state'>
  readonly perform: (effect: Effect) => void
  readonly changed: () => void
}): DeviceReplica {
  let state: ReplicaState = EMPTY_STATE

  function become(next: ReplicaState, effects: readonly Effect[]): void {
    if (next !== state) {
      state = next
      options.changed()
      options.persist.state(next, effects)
    }
    for (const effect of effects) options.perform(effect)
  }

  return {
    state: () => state,
    become,
    apply(frame) {
      const applied = apply(state, frame)
      become(applied.state, applied.effects)
    },
    hear({ lineage = state.told?.[0], tide }) {
      if (lineage === undefined || tide === undefined || (state.told?.[0] === lineage && state.told[1] === tide)) return
      become({ ...state, told: [lineage, tide] }, [])
    },
    putRoom: (room) => become(withRoom(state, room), []),
    load(stored) {
      state = stateOf(stored)
    },
    forget() {
      state = EMPTY_STATE
    },
  }
}
