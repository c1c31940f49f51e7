import { fileEndings, topLevelDomains } from './top-level-domains.ts'

export type Piece = { readonly text: string; readonly href: string | null }

// An address follows no letter of its own kind. Hangul may stand right before it.
const start = String.raw`(?<![a-z0-9@._/:%+-]|(?![가-힣])[\p{L}\p{N}])`
const label = String.raw`[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`
const port = String.raw`(?::\d{1,5})?`
/** Quotation marks, brackets of Korean texts and the ellipsis end an address. Inside one they are written with percent signs. */
const path = String.raw`(?:[/?#][^\s<>"“”‘’「」『』《》〈〉【】（）…]*)?`
const hangulHost = String.raw`(?:[a-z0-9가-힣-]{1,63}\.){1,4}(?:한국|닷컴|닷넷|삼성|kr|com|net)(?![a-z0-9-])`
const host = String.raw`(?:\[[0-9a-f:.]{2,45}\]|(?:${label}\.){0,9}${label}(?![a-z0-9-]|\.?[가-힣]+\.)|${hangulHost})`

/** Web addresses with and without a scheme, mail addresses, and Korean phone numbers as people write them. */
const found = new RegExp(
  [
    String.raw`(?<![a-z0-9+.-])(?<url>https?:\/\/${host}${port}${path})`,
    String.raw`${start}(?<mail>[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_])?@(?:${label}\.){1,9}[a-z]{2,24})(?![a-z0-9@-]|\.[a-z0-9])`,
    String.raw`${start}(?<bare>(?:${label}\.){1,9}(?<end>[a-z]{2,24})(?![a-z0-9-]|\.[a-z0-9])${port}${path})`,
    String.raw`(?<![\p{L}\d+.-])(?<phone>(?:(?:\+82[- ]?0?\d{1,2}|0\d{1,2})[- ]\d{3,4}[- ]\d{4}|1\d{3}-\d{4}|01[016-9]\d{7,8}))(?![\d-])`,
  ].join('|'),
  'giu',
)

/** A text with one of these looks different from what it says, so nothing of it is a link. */
const turnsAround = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Korean particles follow an address without a space, one or several of them. */
const particles =
  /(?:으로|에서|에게|에다|이랑|하고|부터|까지|보다|처럼|이라고|라고|입니다|이에요|예요|에요|인데요?|이고|한테|밖에|[로에를을은는이가의와과도만랑야요임])+$/u

/** Splits a text into plain pieces and links: http, https, mail addresses and phone numbers [C12]. The text itself is never changed. */
export function linkify(text: string): readonly Piece[] {
  const pieces: { text: string; href: string | null }[] = []
  let end = 0
  if (!turnsAround.test(text)) {
    for (const match of text.matchAll(found)) {
      if (match.index < end) continue
      const link = linkOf(match.groups ?? {}, text.slice(match.index + match[0].length))
      if (link === null) continue
      if (match.index > end) pieces.push({ text: text.slice(end, match.index), href: null })
      pieces.push(link)
      end = match.index + link.text.length
    }
  }
  if (end < text.length || pieces.length === 0) pieces.push({ text: text.slice(end), href: null })
  return pieces
}

function linkOf({ url, mail, bare, end, phone }: Partial<Record<string, string>>, after: string): { text: string; href: string } | null {
  if (phone !== undefined) return { text: phone, href: `tel:${phone.replaceAll(/[- ]/g, '')}` }
  if (mail !== undefined)
    return topLevelDomains.has(mail.slice(mail.lastIndexOf('.') + 1).toLowerCase()) ? { text: mail, href: `mailto:${mail}` } : null
  const written = url ?? bare
  if (written === undefined) return null
  // A user name before the host (https://bank.kr@evil.example) only serves to deceive.
  if (!/[/?#]/.test(written.replace(/^https?:\/\//i, '')) && /^[^\s/?#]*@/.test(after)) return null
  const text = trimmed(written)
  if (bare !== undefined && end !== undefined && !isHost(text, end.toLowerCase())) return null
  try {
    const { href, username } = new URL(bare === undefined ? text : `https://${text}`)
    return username === '' ? { text, href } : null
  } catch {
    return null
  }
}

/** Whether a name without a scheme is a host. */
function isHost(written: string, end: string): boolean {
  if (!topLevelDomains.has(end)) return false
  return !fileEndings.has(end) || /^www\./i.test(written) || /[/:]/.test(written)
}

const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** The address without the punctuation and the particles of the sentence around it. */
function trimmed(written: string): string {
  const hostEnd = /^(?:https?:\/\/)?(?:\[[^\]]*\])?[^/?#]*/i.exec(written)?.[0].length ?? 0
  let text = written.slice(0, unopened(written, hostEnd))
  for (;;) {
    const shorter = withoutParticles(text.replace(/[.,;:!?~'*_|]+$/, ''), hostEnd)
    if (shorter === text) return text
    text = shorter
  }
}

/** Index of the first closing bracket that the address itself has not opened; its length when there is none. */
function unopened(written: string, from: number): number {
  const open: string[] = []
  for (let index = from; index < written.length; index++) {
    const sign = written.charAt(index)
    if (sign === '(' || sign === '[' || sign === '{') open.push(sign)
    else if (sign in closing && open.pop() !== closing[sign]) return index
  }
  return written.length
}

/** Hangul in a path is part of it, such as /w/나이. Only particles directly behind another letter, a digit or the host's slash are not. */
function withoutParticles(text: string, hostEnd: number): string {
  const run = /[가-힣]+$/u.exec(text)
  if (run === null || run.index <= hostEnd || particles.exec(run[0])?.[0] !== run[0]) return text
  const before = text.charAt(run.index - 1)
  return /[a-z0-9)\]]/i.test(before) || (before === '/' && run.index - 1 === hostEnd) ? text.slice(0, run.index) : text
}
