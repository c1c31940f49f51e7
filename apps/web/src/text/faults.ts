import { countCodePoints, faultInName, faultInTitle, LIMITS } from '@bongsu/protocol'
import type { Texts } from './texts.ts'

/** What is wrong with a field, found before the server is asked. Null when nothing is wrong. */
export type Fault = (texts: Texts, value: string) => string | null

export const handleFault: Fault = (texts, value) => {
  if (value === '') return texts.handleEmpty
  if (!/^[a-z0-9._-]*$/.test(value)) return texts.handleWrong
  if (value.length < LIMITS.handleLengthMin) return texts.handleTooShort
  return value.length > LIMITS.handleLengthMax ? texts.handleTooLong : null
}

export const nameFault: Fault = (texts, value) => {
  const fault = faultInName(value.trim(), LIMITS.displayNameCodePointsMax)
  if (fault === 'text-empty') return texts.nameEmpty
  if (fault === 'text-too-long') return texts.nameTooLong
  return fault === null ? null : texts.refusals[fault]
}

export const newPasswordFault: Fault = (texts, value) => {
  const count = countCodePoints(value)
  if (count < LIMITS.passwordCodePointsMin) return texts.passwordTooShort(LIMITS.passwordCodePointsMin)
  return count > LIMITS.passwordCodePointsMax ? texts.passwordTooLong(LIMITS.passwordCodePointsMax) : null
}

export const passwordFault: Fault = (texts, value) => (value === '' ? texts.passwordEmpty : null)

export const titleFault: Fault = (texts, value) => {
  const fault = faultInTitle(value.trim())
  if (fault === 'text-too-long') return texts.groupTitleTooLong(LIMITS.titleCodePointsMax)
  return fault === null ? null : texts.refusals[fault]
}
