const colours = 8

/** 1 to 8, always the same for the same id. */
export function faceColour(id: string): number {
  let hash = 7
  for (let index = 0; index < id.length; index++) hash = (hash * 31 + id.charCodeAt(index)) >>> 0
  return (hash % colours) + 1
}

const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' })

/** The first grapheme of a name, in any script. */
export function initialOf(name: string): string {
  const [first] = graphemes.segment(name.trim())
  return first === undefined ? '' : first.segment.toUpperCase()
}
