/** The seqs first..last, both included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** True when the two overlap or are adjacent, so that together they are one stretch without a gap. */
export function touches(a: Range, b: Range): boolean {
  return a.first <= b.last + 1 && b.first <= a.last + 1
}

/** True when some seq is in both. */
export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last
}

/** The ranges with one more: rising, and never touching one another. */
export function addRange(ranges: readonly Range[], added: Range): readonly Range[] {
  let { first, last } = added
  const apart: Range[] = []
  for (const range of ranges) {
    if (touches(range, { first, last })) {
      first = Math.min(first, range.first)
      last = Math.max(last, range.last)
    } else apart.push(range)
  }
  return [...apart, { first, last }].toSorted((a, b) => a.first - b.first)
}

/** The part of the ranges from the seq `from` on. */
export function cutBelow(ranges: readonly Range[], from: number): readonly Range[] {
  return ranges.filter((range) => range.last >= from).map((range) => (range.first < from ? { first: from, last: range.last } : range))
}

/** The ranges without the seqs of one more. */
export function cutOut(ranges: readonly Range[], { first, last }: Range): readonly Range[] {
  return ranges.flatMap((range) => {
    if (range.last < first || last < range.first) return [range]
    const below = { first: range.first, last: first - 1 }
    const above = { first: last + 1, last: range.last }
    return [below, above].filter((left) => left.first <= left.last)
  })
}

/** The range that contains the seq. */
export function rangeAt(ranges: readonly Range[], seq: number): Range | undefined {
  return ranges.find((range) => range.first <= seq && seq <= range.last)
}
