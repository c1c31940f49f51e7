/** Chance that can be repeated: the same seed gives the same town. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  pick<T>(list: readonly T[]): T
  shuffle<T>(list: readonly T[]): T[]
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough for a demo. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    pick(list) {
      if (list.length === 0) throw new Error('Nothing to pick from.')
      return list[below(list.length)] as (typeof list)[number]
    },
    shuffle(list) {
      const result = [...list]
      for (let index = result.length - 1; index > 0; index--) {
        const other = below(index + 1)
        const [one, two] = [result[index], result[other]]
        if (one !== undefined && two !== undefined) [result[index], result[other]] = [two, one]
      }
      return result
    },
  }
}
