import { memo, useEffect, type CSSProperties } from 'react'
import { useTexts } from '../../adapters/settings-store.ts'
import { faceColour } from '../../parts/face-colour.ts'

/** A quote is two lines; more of a long text would only be laid out to be cut. */
const unitsMax = 160

/** The colour of a person's face, as a variable for the style sheet. */
export function hueOf(accountId: string): CSSProperties {
  return { '--hue': `var(--face-${faceColour(accountId)})` } as CSSProperties
}

interface QuoteProps {
  readonly seq: number
  /** Who said it. Null: it is not in memory. `gone`: it was erased, or the reader has erased it for themselves. */
  readonly author: string | null
  readonly name: string
  readonly words: string
  /** A message that is not in memory can be had now. */
  readonly live: boolean
  readonly onMissing: (seq: number) => void
  readonly onJump: (seq: number) => void
}

/** What a message answers, in the hue of the person quoted. It is read from its subject and never copied, so an erasure erases it too. */
export const Quote = memo(function Quote({ seq, author, name, words, live, onMissing, onJump }: QuoteProps) {
  const texts = useTexts()
  const isMissing = author === null
  useEffect(() => {
    if (isMissing && live) onMissing(seq)
  }, [isMissing, live, onMissing, seq])
  if (author === 'gone') {
    return (
      <span className="quote quote-gone" data-testid="quote">
        {texts.quoteGone}
      </span>
    )
  }
  const text = author === null ? texts.quoteFar : words.slice(0, unitsMax)
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
