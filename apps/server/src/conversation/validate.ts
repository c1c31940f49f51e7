import { LIMITS, countCodePoints, faultInText, type AccountId, type RefusalCode, type SendBody } from '@bongsu/protocol'

/** What is wrong with a body, or null. The schema has seen to its shape; this sees to its values [W1]. */
export function faultInBody(body: SendBody): RefusalCode | null {
  switch (body.kind) {
    case 'text':
      return faultInText(body.text, LIMITS.textCodePointsMax)
    case 'renamed':
      return faultInTitle(body.title)
    case 'invited':
      return hasRepeats(body.accounts) ? 'body-invalid' : null
    case 'left':
      return null
  }
}

/** What breaks a line, or turns the direction of what stands after it: with these a name could push or rewrite others on the screen. */
const UNFIT_FOR_A_LINE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** Nothing but spaces, marks without a body, and letters that have no shape (the Hangul fillers, the empty Braille cell). */
const INVISIBLE = /^[\p{Z}\p{Cf}\p{M}\u115F\u1160\u2800\u3164\uFFA0]*$/u

/** A title may be empty: the group is then named by its members. */
export function faultInTitle(title: string): RefusalCode | null {
  if (title === '') return null
  const fault = faultInText(title, LIMITS.titleCodePointsMax)
  if (fault !== null) return fault
  return UNFIT_FOR_A_LINE.test(title) ? 'text-malformed' : null
}

export function hasRepeats(accounts: readonly AccountId[]): boolean {
  return new Set(accounts).size !== accounts.length
}

/** Names of people and devices: one line, of which something can be seen. */
export function faultInName(name: string, codePointsMax: number): RefusalCode | null {
  if (!name.isWellFormed() || UNFIT_FOR_A_LINE.test(name)) return 'text-malformed'
  if (INVISIBLE.test(name)) return 'text-empty'
  return countCodePoints(name) > codePointsMax ? 'text-too-long' : null
}
