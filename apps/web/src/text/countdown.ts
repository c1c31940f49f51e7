/** From here on minutes are shown: nobody counts ninety seconds. */
const minutesFromSeconds = 90

/** Whole seconds from now to a time, 0 once it is there. Both in epoch ms of this device. */
export function secondsTo(time: number, now: number): number {
  return Math.max(0, Math.ceil((time - now) / 1_000))
}

/**
 * When the number from `secondsTo` decreases next, in ms from now. Null when it will not change any more. An update at that time, instead of a
 * one-second timer, shows each number once and for equally long.
 */
export function msToNextSecond(time: number, now: number): number | null {
  const seconds = secondsTo(time, now)
  return seconds === 0 ? null : Math.max(1, time - now - (seconds - 1) * 1_000)
}

/** A duration in words: seconds when there are few, else minutes, rounded up. */
export function inWords(seconds: number, said: { readonly seconds: (count: number) => string; readonly minutes: (count: number) => string }): string {
  return seconds < minutesFromSeconds ? said.seconds(seconds) : said.minutes(Math.ceil(seconds / 60))
}
