import { tokenize } from 'linkifyjs'

export type Piece = { readonly text: string; readonly href: string | null }

/** Korean particles follow a link without a space: 'bongsu.kr에서' is not a host. */
const particleAfterHost = /^((?:https?:\/\/)?[a-z0-9.-]+\.[a-z]{2,})([가-힣].*)$/iu

/** Splits a text into plain pieces and links. Only http and https become links [W4]. The text itself is never changed. */
export function linkify(text: string): readonly Piece[] {
  // Every link contains a dot, so most messages never reach the parser.
  if (!text.includes('.')) return [{ text, href: null }]
  const pieces: { text: string; href: string | null }[] = []
  const plain = (part: string): void => {
    const last = pieces.at(-1)
    if (part === '') return
    if (last !== undefined && last.href === null) last.text += part
    else pieces.push({ text: part, href: null })
  }
  for (const token of tokenize(text)) {
    const written = token.toString()
    if (token.t !== 'url') {
      plain(written)
      continue
    }
    const [, host = written, rest = ''] = particleAfterHost.exec(written) ?? []
    const href = safeHref(host)
    if (href === null) plain(written)
    else {
      pieces.push({ text: host, href })
      plain(rest)
    }
  }
  return pieces
}

function safeHref(written: string): string | null {
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(written) && !/^[a-z0-9.-]+:\d/i.test(written) ? written : `https://${written}`
  try {
    const url = new URL(withScheme)
    // A user name before the host (https://bank.kr@evil.example) only serves to deceive.
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '' ? url.href : null
  } catch {
    return null
  }
}
