import { countCodePoints, isFitForALine, type AccountId, type RefusalCode } from '@bongsu/protocol'

/** Only spaces, combining marks without a base, and letters without a shape (the Hangul fillers, the empty Braille cell). */
const INVISIBLE = /^[\p{Z}\p{Cf}\p{M}\u115F\u1160\u2800\u3164\uFFA0]*$/u

export function hasRepeats(accounts: readonly AccountId[]): boolean {
  return new Set(accounts).size !== accounts.length
}

/** Names of people and devices: one line with a visible character. */
export function faultInName(name: string, codePointsMax: number): RefusalCode | null {
  if (!name.isWellFormed() || !isFitForALine(name)) return 'text-malformed'
  if (INVISIBLE.test(name)) return 'text-empty'
  return countCodePoints(name) > codePointsMax ? 'text-too-long' : null
}
