import type { Mention } from '@bongsu/protocol'
import { clip } from '../../text/cut-text.ts'
import { linkify } from '../../text/linkify.ts'

export interface Piece {
  readonly text: string
  readonly href: string | null
  /** What the screen shows of it: a link as the address that opens [C12]. */
  readonly shown: string
  /** The mentioned person, when this piece is a mention. */
  readonly who: Mention['who'] | null
}

const plainPiece = (text: string): Piece => ({ text, href: null, shown: text, who: null })

/**
 * Plain pieces, links, and mentions of a text, in order. Links are found in the whole text. Mentions that do not fit the text, or lie in a link, are
 * shown as plain text.
 */
export function piecesOf(text: string, mentions: readonly Mention[]): readonly Piece[] {
  const pieces: Piece[] = []
  const plain = (part: string): void => {
    if (part !== '') pieces.push(plainPiece(part))
  }
  let begin = 0
  let next = 0
  for (const { text: written, href, shown } of linkify(text)) {
    const end = begin + written.length
    if (href !== null) pieces.push({ text: written, href, shown, who: null })
    else {
      let at = begin
      for (let mention = mentions[next]; mention !== undefined && mention.at < end; mention = mentions[++next]) {
        if (mention.at < at || mention.length < 1 || mention.at + mention.length > end) continue
        plain(text.slice(at, mention.at))
        at = mention.at + mention.length
        const name = text.slice(mention.at, at)
        pieces.push({ text: name, href: null, shown: name, who: mention.who })
      }
      plain(text.slice(at, end))
    }
    begin = end
  }
  return pieces
}

/** The first pieces, up to `units` in all. Plain text is cut; a link or a mention is there as a whole or not at all, unless nothing else is. */
export function firstOf(pieces: readonly Piece[], units: number): readonly Piece[] {
  const first: Piece[] = []
  let left = units
  for (const piece of pieces) {
    const isPlain = piece.href === null && piece.who === null
    if (left <= 0 || (piece.text.length > left && !isPlain && first.length > 0)) break
    first.push(isPlain ? plainPiece(clip(piece.text, left)) : piece)
    left -= piece.text.length
  }
  return first
}
