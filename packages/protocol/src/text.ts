/** What is wrong with a text, or null. Shared so that the composer can say it before the server has to. */
export function faultInText(text: string, codePointsMax: number): 'text-empty' | 'text-too-long' | 'text-malformed' | null {
  if (!text.isWellFormed() || text.includes('\0')) return 'text-malformed'
  if (text.trim() === '') return 'text-empty'
  // UTF-16 length bounds the number of code points from above, so the common case needs no counting.
  if (text.length > codePointsMax && countCodePoints(text) > codePointsMax) return 'text-too-long'
  return null
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
