/** The last sound of a text decides which form a Korean particle takes: 책을, 사과를. */
const PAIRS = [
  ['을(를)', '을', '를'],
  ['이(가)', '이', '가'],
  ['은(는)', '은', '는'],
  ['과(와)', '과', '와'],
  ['이에(예)', '이에', '예'],
  ['아(야)', '아', '야'],
  ['이요(요)', '이요', '요'],
] as const

const RIEUL = 8
/** How digits end when read aloud: 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구. */
const DIGIT_FINALS = [21, RIEUL, 0, 16, 0, 0, 1, RIEUL, RIEUL, 0] as const

/** Index of the final consonant of the last syllable before `end`, 0 for none. Marks such as 』 are not heard. */
function finalBefore(text: string, end: number): number {
  const heard = text.slice(0, end).replaceAll(/[^가-힣0-9]+$/g, '')
  const code = heard.charCodeAt(heard.length - 1)
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28
  return DIGIT_FINALS[code - 0x30] ?? 0
}

/** Chooses the particles written as 을(를), 으로(로) and the like by what stands before them. */
export function chooseParticles(text: string): string {
  let result = text
  for (const [both, afterConsonant, afterVowel] of PAIRS) {
    for (let at = result.indexOf(both); at >= 0; at = result.indexOf(both, at)) {
      const particle = finalBefore(result, at) === 0 ? afterVowel : afterConsonant
      result = result.slice(0, at) + particle + result.slice(at + both.length)
    }
  }
  for (const both of ['으로(로)', '로(으로)']) {
    for (let at = result.indexOf(both); at >= 0; at = result.indexOf(both, at)) {
      const final = finalBefore(result, at)
      result = result.slice(0, at) + (final === 0 || final === RIEUL ? '로' : '으로') + result.slice(at + both.length)
    }
  }
  return result
}
