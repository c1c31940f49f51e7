/** An emoji, its name in Korean and English, search words (separated by |), and 1 when it has skin tones. */
export type EmojiRow = readonly [emoji: string, ko: string, en: string, words: string, hasTones?: 1]

/** In the order of emojiGroupKeys. */
export type EmojiGroup = readonly EmojiRow[]

export const emojiGroupKeys = ['faces', 'people', 'nature', 'food', 'travel', 'activities', 'objects', 'symbols', 'flags'] as const

/** Light to dark. */
export const TONES = [1, 2, 3, 4, 5] as const
/** 0: without a tone. */
export type Tone = 0 | (typeof TONES)[number]

const firstTone = 0x1f3fb

/** The emoji with a skin tone, whose sign comes after the first character. */
export function inTone(emoji: string, tone: Tone): string {
  const [first = '', ...rest] = emoji
  if (tone === 0) return emoji
  return first + String.fromCodePoint(firstTone + tone - 1) + rest.join('').replace(/^\uFE0F/, '')
}

export function toned([emoji, , , , hasTones]: EmojiRow, tone: Tone): string {
  return hasTones === 1 ? inTone(emoji, tone) : emoji
}
