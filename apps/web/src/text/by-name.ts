/** Made at its first use: making it takes a slow phone long. */
let collator: Intl.Collator | null = null

/** The Korean order of names, for sorting. */
export function byName(a: string, b: string): number {
  collator ??= new Intl.Collator('ko')
  return collator.compare(a, b)
}
