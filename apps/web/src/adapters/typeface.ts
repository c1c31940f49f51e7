/**
 * Loads the parts of the typeface that a text needs, while the network works. The typeface has 92 files that are loaded when their letters are first
 * shown. The sentence about a lost connection is first shown when nothing can be loaded any more.
 */
export function keepLetters(text: string): void {
  // Without these files the browser uses a system typeface.
  document.fonts.load('1em "Pretendard Variable"', text).catch(() => undefined)
}
