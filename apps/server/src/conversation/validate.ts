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

/** A title may be empty: the group is then named by its members. */
export function faultInTitle(title: string): RefusalCode | null {
  if (title === '') return null
  const fault = faultInText(title, LIMITS.titleCodePointsMax)
  if (fault !== null) return fault
  // One line, so that a title cannot push other things off the screen.
  return /[\p{Cc}\u2028\u2029]/u.test(title) ? 'text-malformed' : null
}

export function hasRepeats(accounts: readonly AccountId[]): boolean {
  return new Set(accounts).size !== accounts.length
}

/** Names of people and devices: one line of visible characters. */
export function faultInName(name: string, codePointsMax: number): RefusalCode | null {
  if (!name.isWellFormed() || /[\p{Cc}\u2028\u2029]/u.test(name)) return 'text-malformed'
  if (name.trim() === '') return 'text-empty'
  return countCodePoints(name) > codePointsMax ? 'text-too-long' : null
}
