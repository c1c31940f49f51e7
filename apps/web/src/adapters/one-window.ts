const lockName = 'bongsu-device'
/** The wait of this window for the device, while another window holds it. */
let waiting = new AbortController()

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
  waiting.abort()
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

/** Calls `run` once when no window holds the device any more: the other one was closed [C17]. `holdDevice` ends the wait. */
export function whenFree(run: () => void): void {
  if (!('locks' in navigator)) return
  waiting.abort()
  waiting = new AbortController()
  // The lock is released at once: `run` holds the device anew, unless a third window was quicker.
  navigator.locks.request(lockName, { signal: waiting.signal }, () => undefined).then(run, () => undefined)
}
