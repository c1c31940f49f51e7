const emojiMax = 3

/** The longest emoji, families and flags of regions, have fewer UTF-16 units than this. */
const unitsPerEmojiMax = 40

// \p{RGI_Emoji} would be exact, but takes a browser a quarter of a second to compile. One grapheme that starts like an emoji is near enough.
const emoji = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u
/** Made at its first use: making it takes a slow phone long. */
let graphemes: Intl.Segmenter | null = null

/** One to three emoji and nothing else are shown large. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > unitsPerEmojiMax * emojiMax) return false
  // No emoji contains a letter.
  if (/\p{L}/u.test(text)) return false
  graphemes ??= new Intl.Segmenter('ko', { granularity: 'grapheme' })
  let count = 0
  for (const { segment } of graphemes.segment(text)) {
    if (segment.trim() === '') continue
    if (!emoji.test(segment) || ++count > emojiMax) return false
  }
  return count > 0
}
