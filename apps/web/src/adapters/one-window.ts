const lockName = 'bongsu-device'

/** A page that comes back from the browser's memory shows what is long past. Safari has taken its lock and its connection away, too. */
export function startAnewWhenBack(): void {
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
}

/**
 * One browser is one device with one connection, so of several windows only the last used one holds it. `lost` is called when another window takes
 * over. Resolves true when this window holds the device, false when another window does and `take` is not set.
 */
export async function holdDevice(take: boolean, lost: () => void): Promise<boolean> {
  // Without locks (an old browser, or plain http) windows take the connection from each other. That is slow but loses nothing.
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
