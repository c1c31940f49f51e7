import type { HistoryStore } from '../delivery/history-store.ts'
import type { LostFuture, Told, Tides } from '../delivery/tides.ts'
import type { Clock } from '../ops/clock.ts'
import type { Connections } from './connections.ts'

export interface EpochParts {
  readonly store: Pick<HistoryStore, 'epoch' | 'beginEpoch' | 'look'>
  readonly tides: Tides
  readonly clock: Pick<Clock, 'now'>
  readonly connections: Pick<Connections, 'moveAll'>
  /** The store has gone back to an older state, and a new epoch has begun. */
  readonly told: (lost: LostFuture, epoch: string) => void
}

/** The epoch that this process serves. */
export interface Epochs {
  now(): string
  /** A device of this epoch says hello. With proof of a lost future a new epoch begins first: nothing of the device is read before [A7]. */
  heard(told: Told): Promise<void>
  /** Another process may have begun a new epoch. Called once in a heartbeat. */
  look(): Promise<void>
}

export function createEpochs({ store, tides, clock, connections, told }: EpochParts): Epochs {
  let served = store.epoch
  let beginning: Promise<void> | null = null

  /** Devices of the earlier epoch come back and begin anew. */
  function look(): void {
    if (store.epoch === served) return
    served = store.epoch
    connections.moveAll()
  }

  async function begin(lost: LostFuture): Promise<void> {
    const ended = store.epoch
    await store.beginEpoch(ended, lost.lastCommonStart, clock.now())
    told(lost, store.epoch)
    look()
  }

  return {
    now: () => store.epoch,
    async look() {
      await store.look()
      look()
    },
    async heard(statement) {
      if (beginning !== null) return beginning
      if (tides.lostFuture(statement) === null) return
      // Another process may have said it, and this one does not know of it yet [D12].
      await store.look()
      look()
      const lost = tides.lostFuture(statement)
      if (beginning !== null) return beginning
      if (lost !== null) await (beginning ??= begin(lost).finally(() => (beginning = null))) // [seam: begin-epoch]
    },
  }
}
