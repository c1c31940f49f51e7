import { memo, useEffect, type CSSProperties } from 'react'
import { useTexts } from '../../adapters/settings-store.ts'
import { clip } from '../../text/cut-text.ts'
import { faceColour } from '../../parts/face-colour.ts'

/** A quote has two lines. More of a long text would be laid out only to be cut. */
const unitsMax = 160

/** The colour of a person's face, as a variable for the style sheet. */
export function hueOf(accountId: string): CSSProperties {
  return { '--hue': `var(--face-${faceColour(accountId)})` } as CSSProperties
}

interface QuoteProps {
  readonly seq: number
  /** The author. Null: the message is not in memory. `gone`: it was erased, or the reader has erased it for themselves. `blocked`: of a blocked person. */
  readonly author: string | null
  readonly name: string
  readonly words: string
  /** A message that is not in memory can be loaded now. */
  readonly live: boolean
  readonly onMissing: (seq: number) => void
  readonly onJump: (seq: number) => void
}

/** The answered message, in the colour of its author. It is read from the original and never copied, so that an erasure erases it too. */
export const Quote = memo(function Quote({ seq, author, name, words, live, onMissing, onJump }: QuoteProps) {
  const texts = useTexts()
  const isMissing = author === null
  useEffect(() => {
    if (isMissing && live) onMissing(seq)
  }, [isMissing, live, onMissing, seq])
  if (author === 'gone' || author === 'blocked') {
    return (
      <span className="quote quote-gone" data-testid="quote">
        {author === 'gone' ? texts.quoteGone : texts.quoteBlocked}
      </span>
    )
  }
  const text = author === null ? texts.quoteFar : clip(words, unitsMax)
  return (
    <button
      type="button"
      className="quote"
      style={author === null ? undefined : hueOf(author)}
      aria-label={author === null ? text : texts.quoteOf(name, text)}
      onClick={() => onJump(seq)}
      data-testid="quote"
    >
      {author !== null && <b className="quote-name">{name}</b>}
      <span className="quote-text">{text}</span>
    </button>
  )
})
