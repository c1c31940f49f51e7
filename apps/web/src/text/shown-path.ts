/** A letter or a digit that is written from left to right and can be seen. */
const readable =
  /^(?:(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]|\p{Default_Ignorable_Code_Point})[\p{L}\p{N}])$/u

/**
 * Path, query and fragment of an address as they are sent, with readable letters instead of their percent signs. Everything else stays in percent
 * signs: marks, symbols, what cannot be seen, and letters that turn the direction. What is shown means the same address [C12].
 */
export function shownPath({ href, origin }: Pick<URL, 'href' | 'origin'>): string {
  return href.slice(origin.length).replace(/(?:%[C-F][\dA-F](?:%[89AB][\dA-F]){1,3})+/g, (signs) => {
    try {
      return Array.from(decodeURIComponent(signs), (sign) => (readable.test(sign) ? sign : encodeURIComponent(sign))).join('')
    } catch {
      return signs
    }
  })
}
