import type { DeviceId } from '@bongsu/protocol'

/** Revoked devices known to this process. A revoked device stays revoked. */
export class RevokedDevices {
  readonly #known: Set<DeviceId>
  readonly #read: () => Promise<readonly DeviceId[]>
  readonly #close: (deviceId: DeviceId) => void

  /** @param known devices revoked at the start. @param close closes all connections of a device. */
  constructor(known: Iterable<DeviceId>, read: () => Promise<readonly DeviceId[]>, close: (deviceId: DeviceId) => void) {
    this.#known = new Set(known)
    this.#read = read
    this.#close = close
  }

  has(deviceId: DeviceId): boolean {
    return this.#known.has(deviceId)
  }

  add(deviceId: DeviceId): void {
    if (this.#known.has(deviceId)) return
    this.#known.add(deviceId)
    this.#close(deviceId)
  }

  /** Asks the store, because hints of other processes may have been lost. */
  async learn(): Promise<void> {
    for (const deviceId of await this.#read()) this.add(deviceId)
  }
}
