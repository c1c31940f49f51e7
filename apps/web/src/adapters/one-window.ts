const lockName = 'bongsu-device'
/** A window that reloads holds the device again within this time, in ms. */
export const reloadMs = 2_000
/** The wait of this window for the device, while another window holds it. */
let waiting = new AbortController()
/** Gives the lock of this window back; does nothing while it has none. */
let release = (): void => undefined

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
        // Held until the window closes, another one steals it, or this one lets it go.
        return lock === null ? undefined : new Promise<void>((free) => (release = free))
      })
      .catch(() => {
        resolve(false)
        lost()
      })
  })
}

/** This window cannot be the device: another one may. */
export function letDeviceGo(): void {
  release()
}

/**
 * Calls `run` once when the window that held the device has been gone for `reloadMs` [C17]. Until then the device is free, so that a window that only
 * reloads gets it back. `holdDevice` ends the wait.
 */
export function whenFree(run: () => void): void {
  if (!('locks' in navigator)) return
  waiting.abort()
  waiting = new AbortController()
  const { signal } = waiting
  const wait = (): void => void setTimeout(() => signal.aborted || run(), reloadMs)
  // The lock is released at once: `run` holds the device anew, unless another window was quicker.
  navigator.locks.request(lockName, { signal }, () => undefined).then(wait, () => undefined)
}
