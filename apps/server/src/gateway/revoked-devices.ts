import type { DeviceId } from '@bongsu/protocol'

/** Devices that were revoked, as this process knows them. A device once revoked stays so. */
export class RevokedDevices {
  readonly #known: Set<DeviceId>
  readonly #read: () => Promise<readonly DeviceId[]>
  readonly #close: (deviceId: DeviceId) => void

  /** @param known those that are revoked at the start. @param close closes whatever the device has open. */
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

  /** Asks the store, because the hints of other processes may have been lost. */
  async learn(): Promise<void> {
    for (const deviceId of await this.#read()) this.add(deviceId)
  }
}
