import type { DeviceReplica } from './device-replica.ts'
import type { Outages } from './outages.ts'
import type { LocalStore } from './ports.ts'
import type { Sending } from './sending.ts'
import type { Session } from './session.ts'
import type { StoredOutage } from './stored-outage.ts'

/** A device from its first start to its last stop. */
export interface DeviceLife {
  /** The device has read its store. */
  readonly loaded: () => boolean
  readonly running: () => boolean
  start(): Promise<void>
  stop(): Promise<void>
}

export function createDeviceLife(options: {
  readonly store: Pick<LocalStore, 'load'>
  readonly replica: Pick<DeviceReplica, 'load'>
  readonly sending: Pick<Sending, 'load' | 'stop'>
  readonly outages: Pick<Outages, 'load' | 'start' | 'stop'>
  readonly session: Pick<Session, 'start' | 'stop'>
  /** Outages from before this device existed. */
  readonly outagesBefore: readonly StoredOutage[]
  /** Stops the timers of all other parts. */
  readonly stopParts: () => Promise<unknown>
  readonly changed: () => void
}): DeviceLife {
  const { store, sending, outages, session } = options
  let loaded = false
  let loading: Promise<void> | null = null
  let running = false

  /** Runs once, however often the device is started, unless it fails: later events are newer than the stored state. */
  async function load(): Promise<void> {
    const stored = await store.load().catch((cause: unknown) => {
      running = false
      loading = null
      throw cause
    })
    if (stored.state !== null) options.replica.load(stored.state)
    sending.load(stored.outbox)
    outages.load([...(stored.outages ?? []), ...options.outagesBefore])
    loaded = true
  }

  return {
    loaded: () => loaded,
    running: () => running,
    async start() {
      if (running) return
      running = true
      await (loading ??= load())
      options.changed()
      if (!running) return
      outages.start()
      session.start()
    },
    async stop() {
      running = false
      session.stop()
      sending.stop()
      await Promise.all([options.stopParts(), outages.stop()])
    },
  }
}
