import { LIMITS } from './limits.ts'

/** Spaces, controls, marks without a base, and what has no shape of its own: joiners, fillers of Hangul, the empty cell of Braille. */
const UNSEEN = /^[\p{Z}\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]*$/u

/** Whether there is anything to see in the text [W7]. */
export function isVisible(text: string): boolean {
  return !UNSEEN.test(text)
}

/** What is wrong with a text, or null. Both sides use it, so that the composer can say it before the server has to. */
export function faultInText(text: string, codePointsMax: number): 'text-empty' | 'text-too-long' | 'text-malformed' | null {
  if (!text.isWellFormed() || text.includes('\0')) return 'text-malformed'
  if (!isVisible(text)) return 'text-empty'
  // The UTF-16 length is an upper bound of the number of code points, so the common case needs no counting.
  if (text.length > codePointsMax && countCodePoints(text) > codePointsMax) return 'text-too-long'
  return null
}

/** Characters that break a line or change the direction of the following text: with them, a name could move or rewrite other names on the screen. */
const UNFIT_FOR_A_LINE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** A handle: how a person is found. The server writes it in lower case. */
export const HANDLE_PATTERN = `^[A-Za-z0-9][A-Za-z0-9._-]{${LIMITS.handleLengthMin - 1},${LIMITS.handleLengthMax - 1}}$`

/** Texts that are fit for a line, as a pattern of JSON Schema without property escapes, which not every language has. */
export const ONE_LINE = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$'

/** Titles: empty, or one line that is not white space alone. */
export const TITLE_PATTERNS = { allOf: [{ pattern: ONE_LINE }, { pattern: '^$|\\S' }] }

/** Whether the text has no character that breaks a line or changes direction. */
export function isFitForALine(text: string): boolean {
  return !UNFIT_FOR_A_LINE.test(text)
}

/** What is wrong with a group title, or null. A title may be empty: the group is then named by its members. */
export function faultInTitle(title: string): 'text-empty' | 'text-too-long' | 'text-malformed' | null {
  if (title === '') return null
  const fault = faultInText(title, LIMITS.titleCodePointsMax)
  if (fault !== null) return fault
  return isFitForALine(title) ? null : 'text-malformed'
}

/** What is wrong with the name of a person or a device, or null: it is one line with something to see. */
export function faultInName(name: string, codePointsMax: number): 'text-empty' | 'text-too-long' | 'text-malformed' | null {
  if (!name.isWellFormed() || !isFitForALine(name)) return 'text-malformed'
  return faultInText(name, codePointsMax)
}

let oneEmoji: RegExp | null = null

/** Whether the text is one emoji recommended for interchange by Unicode (UTS #51, RGI_Emoji), joined and coloured ones included. */
export function isEmoji(text: string): boolean {
  // Created at the first use: engines without the `v` flag would otherwise refuse the whole module.
  oneEmoji ??= new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')
  return text.length <= LIMITS.emojiLengthMax && oneEmoji.test(text)
}

export function countCodePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit <= 0xdbff) index++
    count++
  }
  return count
}
