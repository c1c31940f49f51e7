/** Keeps something that is tried again and again from being tried at once each time. @param now ms of a clock that only rises. */
export function createSpacedTries(leastMs: number, now: () => number): { readonly waitMs: () => number; readonly tried: () => void } {
  let triedAt = -Infinity
  return {
    waitMs: () => Math.max(0, triedAt + leastMs - now()),
    tried() {
      triedAt = now()
    },
  }
}
