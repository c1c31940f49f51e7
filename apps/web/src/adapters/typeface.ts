/**
 * Fetches the pieces of the typeface that a text needs, while they can be fetched. Its 92 files come as their letters are first seen, and the sentence that
 * says the server is gone is first seen when nothing comes any more.
 */
export function keepLetters(text: string): void {
  // A browser that cannot fetch them shows the letters of the system.
  document.fonts.load('1em "Pretendard Variable"', text).catch(() => undefined)
}
