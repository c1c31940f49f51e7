import unhomoglyph from 'unhomoglyph'

/** Roles. A name with one of these anywhere in it speaks for the server. */
const ROLES = ['관리자', '관리팀', '운영자', '운영진', '운영팀', '고객센터', '고객지원']
/** Words that speak for the server when they stand alone, or as a word of a name. */
const WORDS =
  'admin admins administrator administrators moderator moderators official operator root staff support sysadmin system 공식 스태프 시스템 지원팀'.split(
    ' ',
  )
/** The name of the program. 봉수 is a person's name too, so that `김봉수` is fine. */
const PROGRAM = ['봉수', '봉수팀', 'bongsu', 'bongsuteam']

/**
 * The skeleton of a text by Unicode’s confusables (UTS 39, section 4): texts that look alike have the same one. Capital letters, which are not told
 * apart in handles and hardly in names, are written small.
 */
export function skeleton(text: string): string {
  const bare = text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  return unhomoglyph(bare).normalize('NFD').toLowerCase()
}

/** Letters in circles, squares and flags that Unicode does not count as forms of letters. */
const enclosed = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu

function plainLetter(sign: string): string {
  const code = sign.codePointAt(0) ?? 0
  const first = code >= 0x1f1e6 ? 0x1f1e6 : code >= 0x1f170 ? 0x1f170 : 0x1f150
  return String.fromCodePoint(0x61 + code - first)
}

/** What a name looks like at a glance: without marks and kinds of letters, and with i, l and 1 alike. */
const glance = (text: string): string => skeleton(text.normalize('NFKC').replace(enclosed, plainLetter)).replace(/\p{M}/gu, '').replaceAll('i', 'l')

const glances = (words: readonly string[]): ReadonlySet<string> => new Set(words.map(glance))
const roles = [...glances(ROLES)]
const words = glances(WORDS)
const whole = glances([...ROLES, ...WORDS, ...PROGRAM])

/** Whether a name is one by which only staff may be known [B30]. Of a room's title only the whole counts: a room may be about support. */
export function isReserved(text: string, as: 'name' | 'title' = 'name'): boolean {
  // Capital letters look like others than small ones do. A number behind a name changes nothing.
  const forms = [text, text.replace(/\p{Nd}/gu, '')].flatMap((form) => [form, form.toLowerCase()])
  return forms.map(glance).some((seen) => {
    const parts = seen.split(/[^\p{L}\p{N}]+/u)
    const letters = parts.join('')
    return whole.has(letters) || (as === 'name' && (parts.some((part) => words.has(part)) || roles.some((role) => letters.includes(role))))
  })
}
