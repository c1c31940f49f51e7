/** How often it is looked whether the machine slept, and by how much a look must be late to say so. */
const lookMs = 1_000
const lateMs = 3_000

/**
 * Calls `woke` whenever the app may have been asleep: it came to the front, was thawed, the network came back, or the machine itself slept while
 * the app stood in front. Of the last a browser tells nothing; it is seen by the clock having gone on while timers did not [C4].
 */
export function listenForWaking(woke: () => void): void {
  for (const event of ['online', 'focus', 'pageshow']) addEventListener(event, woke)
  // Of the Page Lifecycle: a page that was frozen goes on, perhaps without its visibility having changed.
  document.addEventListener('resume', woke)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && woke())

  let lookedAt = Date.now()
  setInterval(() => {
    const sinceMs = Date.now() - lookedAt
    lookedAt += sinceMs
    // Timers of a page in the background are late by design, and nobody waits there.
    if (sinceMs > lookMs + lateMs && document.visibilityState === 'visible') woke()
  }, lookMs)
}
