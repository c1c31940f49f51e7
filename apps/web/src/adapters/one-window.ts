const lockName = 'bongsu-device'

/**
 * One browser is one device, and a device has one connection: of several windows the one that was used last holds it.
 * `lost` is called when another window takes over. Resolves true when this window holds it, false when another one does and `take` is not set.
 */
export async function holdDevice(take: boolean, lost: () => void): Promise<boolean> {
  // Without locks (an old browser, or plain http) windows take the connection from each other, which is slow but loses nothing.
  if (!('locks' in navigator)) return true
  return await new Promise<boolean>((resolve) => {
    navigator.locks
      .request(lockName, take ? { steal: true } : { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        // Held until the window closes or another one steals it.
        return lock === null ? undefined : new Promise<never>(() => undefined)
      })
      .catch(() => {
        resolve(false)
        lost()
      })
  })
}
