/** 02-000-0000, 010-0000-0000, 1588-0000: as they are written in Korea, and nothing that goes on as a longer number. */
const number = /(?<![\d-])((?:0\d{1,2}-\d{3,4}|1\d{3})-\d{4})(?![\d-])/

/** Cuts a text at the phone numbers in it: every second piece is one. A number broken at its hyphen is dialled wrong. */
export function cutAtPhoneNumbers(text: string): readonly string[] {
  return text.split(number)
}
