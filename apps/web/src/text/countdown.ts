/** From here on a person is told minutes: nobody counts ninety seconds. */
const minutesFromSeconds = 90

/** Whole seconds from now to a time, 0 once it is there. Both in epoch ms of this device. */
export function secondsTo(time: number, now: number): number {
  return Math.max(0, Math.ceil((time - now) / 1_000))
}

/**
 * When the number that `secondsTo` gives is the next lower one, in ms from now; null when it will not change any more. Whoever looks then, and not
 * each second by a timer of its own, sees each number once and for as long as any other.
 */
export function msToNextSecond(time: number, now: number): number | null {
  const seconds = secondsTo(time, now)
  return seconds === 0 ? null : Math.max(1, time - now - (seconds - 1) * 1_000)
}

/** A length of time as a person would say it: seconds while they are few, else minutes, never less than it is. */
export function inWords(seconds: number, said: { readonly seconds: (count: number) => string; readonly minutes: (count: number) => string }): string {
  return seconds < minutesFromSeconds ? said.seconds(seconds) : said.minutes(Math.ceil(seconds / 60))
}
