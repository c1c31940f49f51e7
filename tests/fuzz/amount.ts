/** How many frames each of the fuzz tests is given; FUZZ=1000000 is the long run. The others are scaled with it. */
export const FRAMES = Number(process.env['FUZZ'] ?? '20000')
/** Given by a failing run, to see it again. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000)

/** The library remembers what it made until a run is over: a million at once would be its memory, not that of what is tested. */
const PART = 2_000

/** How many runs and with which seed, for each part of so many. */
export function partsOf(count: number): readonly (readonly [runs: number, seed: number])[] {
  const whole = Math.ceil(count)
  return Array.from({ length: Math.ceil(whole / PART) }, (_, part) => [Math.min(PART, whole - part * PART), SEED + part])
}
