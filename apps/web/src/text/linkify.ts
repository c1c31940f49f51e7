import { shownPath } from './shown-path.ts'
import { fileEndings, hangulDomains, topLevelDomains } from './top-level-domains.ts'

export interface Piece {
  /** As it was written. */
  readonly text: string
  readonly href: string | null
  /** What the screen shows: the address that opens; for anything else the text as it was written. */
  readonly shown: string
}

const unseen = String.raw`(?:\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc})`
/** Signs that look like those of an address, after Unicode’s confusables of `/ \ . : ? # @ %`. */
const alike = '⁄∕╱⟋⧸⼃〳／⟍⧵⧹╲⼂＼﹨․܁܂٠۰。．｡﹒։׃：﹕꞉˸∶ː？﹖＃﹟＠﹫％﹪٪'

// An address follows no letter of its own kind. Hangul may stand right before it.
const start = String.raw`(?<![a-z0-9@._/:%+${alike}-]|(?![가-힣])[\p{L}\p{N}]|[^\s\p{Default_Ignorable_Code_Point}]\p{Default_Ignorable_Code_Point}+)`
const label = String.raw`[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`
const port = String.raw`(?::\d{1,5})?`
/** Quotation marks, brackets of Korean texts, the ellipsis and what cannot be seen end an address. Inside one they are written with percent signs. */
const path = String.raw`(?:[/?#](?:(?!${unseen})[^\s\\<>"“”‘’「」『』《》〈〉【】（）…])*)?`

/** Web addresses with and without a scheme, mail addresses, and Korean phone numbers as people write them. */
const found = new RegExp(
  [
    String.raw`(?<![a-z0-9+.-])(?<scheme>https?:\/\/)(?<host>(?:(?!${unseen})[\p{L}\p{N}\p{M}.:@[\]-]){1,300})(?<path>${path})`,
    String.raw`${start}(?<mail>[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_])?@(?:${label}\.){1,9}[a-z]{2,24})(?![a-z0-9@-]|\.[a-z0-9])`,
    String.raw`${start}(?<bare>(?:${label}\.){1,9}(?<end>[a-z]{2,24})(?![a-z0-9-]|\.[a-z0-9])${port})(?<rest>${path})`,
    String.raw`(?<![\p{L}\d+.-])(?<phone>(?:(?:\+82[- ]?0?\d{1,2}|0\d{1,2})[- ]\d{3,4}[- ]\d{4}|1\d{3}-\d{4}|01[016-9]\d{7,8}))(?![\d-])`,
  ].join('|'),
  'giu',
)

/** An address with one of these behind it reads as another one: a sign that looks like one of its own, or something unseen in its middle. */
const readsOn = new RegExp(
  String.raw`^(?:(?:(?!${unseen})[!-~\p{L}\p{N}\p{M}]){0,64}${unseen}+(?!${unseen})[!-~]{0,16}?[\p{L}\p{N}]|[${alike}\p{M}]\S{0,64}?[a-z0-9가-힣])`,
  'iu',
)
/** A host with one of these behind it is none: a user name before the host, or a port that is no port. */
const noHost = /^(?:[^\s/?#]{0,300}@|:*[a-z0-9]|%)/i

const hangul = '가-힣ㄱ-ㅣᄀ-ᇿ'
/** The last part of a host with words of the sentence behind it. */
const withWords = new RegExp(`^([^${hangul}]*[^${hangul}-]|${[...hangulDomains].join('|')})[${hangul}]+$`, 'i')

/** Korean particles follow an address without a space, one or several of them. So does a laugh. */
const particles =
  /(?:으로|에서|에게|에다|이랑|하고|부터|까지|보다|처럼|이라고|라고|입니다|이에요|예요|에요|인데요?|이고|한테|밖에|[로에를을은는이가의와과도만랑야요임ㄱ-ㅣ])+$/u

/** Splits a text into plain pieces and links: http, https, mail addresses and phone numbers [C12]. The pieces together are the text. */
export function linkify(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  const plain = (written: string): void => void (written !== '' && pieces.push({ text: written, href: null, shown: written }))
  let end = 0
  for (const match of text.matchAll(found)) {
    const link = linkOf(match.groups ?? {}, (length) => text.slice(match.index + length))
    if (link === null) continue
    plain(text.slice(end, match.index))
    pieces.push(link)
    end = match.index + link.text.length
  }
  plain(text.slice(end))
  return pieces.length === 0 ? [{ text, href: null, shown: text }] : pieces
}

function linkOf(
  { scheme, host, mail, bare, end, phone, path: after = '', rest = '' }: Partial<Record<string, string>>,
  behind: (length: number) => string,
): Piece | null {
  if (phone !== undefined) return { text: phone, href: `tel:${phone.replaceAll(/[- ]/g, '')}`, shown: phone }
  if (mail !== undefined) {
    if (!topLevelDomains.has(mail.slice(mail.lastIndexOf('.') + 1).toLowerCase())) return null
    // A percent sign would stand for another sign in the address that opens.
    return readsOn.test(behind(mail.length)) ? null : { text: mail, href: `mailto:${mail.replaceAll('%', '%25')}`, shown: mail }
  }
  if (bare !== undefined && end !== undefined)
    return isHost(bare + rest, end.toLowerCase()) ? webLink('', bare, trimmed(bare + rest, bare.length), behind) : null
  if (scheme === undefined || host === undefined) return null
  const own = hostOf(host)
  if (own === null) return null
  return webLink(scheme, own, scheme + (own === host ? trimmed(own + after, own.length) : own), behind)
}

/** An address as it opens. Null when it would be read as another one. */
function webLink(scheme: string, host: string, text: string, behind: (length: number) => string): Piece | null {
  const rest = behind(text.length)
  const isBareHost = text.length === scheme.length + host.length
  if (readsOn.test(rest) || (isBareHost && noHost.test(rest))) return null
  let url: URL
  try {
    url = new URL(scheme === '' ? `https://${text}` : text)
  } catch {
    return null
  }
  // Only Hangul stands for itself: letters of other scripts pass for Latin ones.
  const [, name = ''] = /^(.*?)(?::\d+)?$/.exec(host) ?? []
  const shownHost = /[가-힣]/.test(name) && /^[a-z0-9가-힣.-]+$/i.test(name) ? url.host.replace(url.hostname, name.toLowerCase()) : url.host
  const shownScheme = scheme === '' ? '' : `${url.protocol}//`
  return { text, href: url.href, shown: shownScheme + shownHost + (isBareHost ? '' : shownPath(url)) }
}

/** Whether a name without a scheme is a host. */
function isHost(written: string, end: string): boolean {
  if (!topLevelDomains.has(end)) return false
  return !fileEndings.has(end) || /^www\./i.test(written) || /[/:]/.test(written)
}

/** The host and the port at the beginning of what was written behind a scheme. Null when there is none. */
function hostOf(written: string): string | null {
  if (written.includes('@')) return null
  const six = /^\[[0-9a-f:.]{2,45}\](?::\d{1,5})?/i.exec(written)
  if (six !== null) return six[0]
  const [name = ''] = /^[^:[\]]*/.exec(written) ?? []
  const own = nameOf(name)
  if (own !== name) return own
  return own + (/^:\d{1,5}/.exec(written.slice(own.length))?.[0] ?? '')
}

/** A host without the words and the punctuation of the sentence behind it. Null when nothing is left. */
function nameOf(written: string): string | null {
  let name = written.replace(/[.-]+$/, '')
  while (name !== '' && !/^[a-z0-9.-]+$/i.test(name)) {
    const last = name.slice(name.lastIndexOf('.') + 1)
    const words = withWords.exec(last)
    if (words?.[1] !== undefined) return name.slice(0, name.length - last.length + words[1].length)
    const isDomain = /^[a-z0-9-]+$/i.test(last) ? topLevelDomains.has(last.toLowerCase()) || /^xn--/i.test(last) : hangulDomains.has(last)
    // The letters of other scripts end a host of more than one part: `https://пример.рф`.
    if (isDomain || !new RegExp(`[a-z0-9${hangul}]`, 'i').test(last)) return name.length > last.length ? name : null
    name = name.slice(0, Math.max(0, name.length - last.length)).replace(/[.-]+$/, '')
  }
  return name === '' ? null : name
}

const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** The address without the punctuation and the particles of the sentence around it. */
function trimmed(written: string, hostEnd: number): string {
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
  const run = /[가-힣ㄱ-ㅣ]+$/u.exec(text)
  if (run === null || run.index <= hostEnd || particles.exec(run[0])?.[0] !== run[0]) return text
  const before = text.charAt(run.index - 1)
  return /[a-z0-9)\]]/i.test(before) || (before === '/' && run.index - 1 === hostEnd) ? text.slice(0, run.index) : text
}
