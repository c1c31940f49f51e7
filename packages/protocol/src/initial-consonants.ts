/** The initial consonants of Hangul syllables in Unicode order: one for each 588 syllables from 가. */
const initials = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'
const firstSyllable = 0xac00
const lastSyllable = 0xd7a3
const syllablesPerInitial = 588
const syllablesPerVowel = 28

function initialOf(character: string): string | null {
  const code = character.charCodeAt(0)
  if (code < firstSyllable || code > lastSyllable) return null
  return initials.charAt(Math.floor((code - firstSyllable) / syllablesPerInitial))
}

/** Whether a written character matches a wanted one. ㄱ matches 김; 기, half typed, matches 김; 김 matches 김. */
function agrees(written: string, wanted: string): boolean {
  if (written === wanted) return true
  if (initials.includes(wanted)) return initialOf(written) === wanted
  const code = wanted.charCodeAt(0)
  if (code < firstSyllable || code > lastSyllable) return false
  // A syllable without a final consonant may still get one.
  if ((code - firstSyllable) % syllablesPerVowel !== 0) return false
  const offset = written.charCodeAt(0) - code
  return offset > 0 && offset < syllablesPerVowel
}

/** A text in the form for comparison: without case and spaces. */
export const folded = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll(/\s/g, '')

/** Whether `wanted` occurs in `text`, by letters or by Korean initial consonants (초성). Case and spaces are ignored. */
export function found(text: string, wanted: string): boolean {
  return occurs(folded(text), folded(wanted))
}

/** Whether a folded query occurs in a folded text, by letters or by initial consonants. */
export function occurs(name: string, query: string): boolean {
  if (query === '') return true
  for (let start = 0; start + query.length <= name.length; start++) {
    if (agreesAt(name, query, start)) return true
  }
  return false
}

/** Whether a folded text begins with a folded query, by letters or by initial consonants. */
export function begins(name: string, query: string): boolean {
  return query.length <= name.length && agreesAt(name, query, 0)
}

function agreesAt(name: string, query: string, start: number): boolean {
  let index = 0
  while (index < query.length && agrees(name.charAt(start + index), query.charAt(index))) index++
  return index === query.length
}
