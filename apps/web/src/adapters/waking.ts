/** Interval of the check for a sleep of the machine, and the delay that means one. */
const lookMs = 1_000
const lateMs = 3_000

/**
 * Calls `woke` whenever the app may have been asleep: it came to the front, it was thawed, the network came back, or the machine slept while the app
 * was in front. Browsers do not report a sleep of the machine. It shows as a clock that went on while timers did not [C4].
 */
export function listenForWaking(woke: () => void): void {
  for (const event of ['online', 'focus', 'pageshow']) addEventListener(event, woke)
  // Page Lifecycle: a frozen page resumes, perhaps without a change of its visibility.
  document.addEventListener('resume', woke)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && woke())

  let lookedAt = Date.now()
  setInterval(() => {
    const sinceMs = Date.now() - lookedAt
    lookedAt += sinceMs
    // Timers of a background page are late by design, and nobody waits there.
    if (sinceMs > lookMs + lateMs && document.visibilityState === 'visible') woke()
  }, lookMs)
}
