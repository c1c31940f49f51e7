const colours = 8

/** 1 to 8, always the same for the same id. */
export function faceColour(id: string): number {
  let hash = 7
  for (let index = 0; index < id.length; index++) hash = (hash * 31 + id.charCodeAt(index)) >>> 0
  return (hash % colours) + 1
}

/** A Hangul syllable, a Latin letter or a digit that nothing combines with: nearly every initial. */
const plain = /^[가-힣a-z0-9](?!\p{M}|\u200d)/iu

/** Made at its first use, because making it takes a slow phone as long as drawing a screen. */
let graphemes: Intl.Segmenter | null = null

/** The first grapheme of a name, in any script. */
export function initialOf(name: string): string {
  const written = name.trim()
  const usual = plain.exec(written)
  if (usual !== null) return usual[0].toUpperCase()
  graphemes ??= new Intl.Segmenter('ko', { granularity: 'grapheme' })
  const [first] = graphemes.segment(written)
  return first === undefined ? '' : first.segment.toUpperCase()
}
