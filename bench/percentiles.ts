/** Where the values of a run lie. All in the unit of the values. */
export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/**
 * The value below or at which the share `q` of all values lies (nearest rank, no interpolation: every figure shown was really seen).
 * @param sorted rising.
 */
export function percentile(sorted: ArrayLike<number>, q: number): number {
  if (!(q > 0 && q <= 1)) throw new RangeError('A percentile is above 0 and at most 1.')
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted()
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  }
}

/** The middle of a few repeated measurements. */
export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).toSorted(), 0.5)
}
