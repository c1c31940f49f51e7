/** Family names of nearly everybody in Korea: of one syllable, and of two. */
const families =
  '김이박최정강조윤장임한오서신권황안송류전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용지라'
const longFamilies = ['남궁', '황보', '제갈', '사공', '선우', '독고', '서문']

function isFullName(word: string): boolean {
  // 이장님 is a title.
  if (word.endsWith('님')) return false
  return /^[가-힣]{3}$/.test(word) ? families.includes(word.charAt(0)) : /^[가-힣]{4}$/.test(word) && longFamilies.includes(word.slice(0, 2))
}

/** The two syllables of a Korean given name: half of a town is 김 or 이. Null for any other name. Words around the name are passed over. */
export function givenName(name: string): string | null {
  return name.trim().split(/\s+/).find(isFullName)?.slice(-2) ?? null
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
