import type { Mention } from '@bongsu/protocol'
import { linkify } from '../../text/linkify.ts'

export interface Piece {
  readonly text: string
  readonly href: string | null
  /** The mentioned person, when this piece is a mention. */
  readonly who: Mention['who'] | null
}

/** Plain pieces, links, and mentions of a text, in order. Mentions that do not fit the text are shown as plain text. */
export function piecesOf(text: string, mentions: readonly Mention[]): readonly Piece[] {
  const pieces: Piece[] = []
  const plain = (part: string): void => {
    if (part !== '') for (const { text: written, href } of linkify(part)) pieces.push({ text: written, href, who: null })
  }
  let end = 0
  for (const { who, at, length } of mentions) {
    if (at < end || length < 1 || at + length > text.length) continue
    plain(text.slice(end, at))
    end = at + length
    pieces.push({ text: text.slice(at, end), href: null, who })
  }
  plain(text.slice(end))
  return pieces
}

/** The first `units` of the pieces. A cut link still leads to its full address. */
export function firstOf(pieces: readonly Piece[], units: number): readonly Piece[] {
  const first: Piece[] = []
  let left = units
  for (const piece of pieces) {
    if (left <= 0) break
    first.push(piece.text.length <= left ? piece : { ...piece, text: piece.text.slice(0, left) })
    left -= piece.text.length
  }
  return first
}
