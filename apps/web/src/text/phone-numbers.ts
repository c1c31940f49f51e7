/** 02-000-0000, 010-0000-0000, 1588-0000: Korean phone numbers as people write them, not followed by more digits. */
const number = /(?<![\d-])((?:0\d{1,2}-\d{3,4}|1\d{3})-\d{4})(?![\d-])/

/** Splits a text at its phone numbers: every second piece is one. A number broken at its hyphen would be dialled wrong. */
export function cutAtPhoneNumbers(text: string): readonly string[] {
  return text.split(number)
}
