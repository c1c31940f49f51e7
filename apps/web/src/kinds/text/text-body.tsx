import { useMemo } from 'react'
import type { EntryBody } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { cutText } from '../../text/cut-text.ts'
import { isEmojiOnly } from '../../text/emoji-only.ts'
import { cutAtPhoneNumbers } from '../../text/phone-numbers.ts'
import type { BodyProps } from '../body-props.ts'
import { firstOf, piecesOf } from './pieces.ts'

const noMentions = [] as const

/** The text of a message: links are links, mentions are marked, nothing else is interpreted. A long text is folded until the reader opens it. */
export function TextBody({ body: { text, mentions = noMentions }, full, onShow, isMe, quote }: BodyProps<Extract<EntryBody, { kind: 'text' }>>) {
  const texts = useTexts()
  const short = useMemo(() => cutText(text), [text])
  const whole = useMemo(() => piecesOf(text, mentions), [text, mentions])
  const pieces = full || short === null ? whole : firstOf(whole, short.length)
  return (
    <div className={isEmojiOnly(text) && quote === null ? 'bubble-large' : 'bubble'}>
      {quote}
      {pieces.map((piece, index) =>
        piece.href !== null ? (
          <a key={index} href={piece.href} target="_blank" rel="noreferrer noopener">
            {piece.text}
          </a>
        ) : piece.who !== null ? (
          <span key={index} className={isMe(piece.who) ? 'mention mention-me' : 'mention'} data-testid="mention">
            {piece.text}
          </span>
        ) : (
          <Plain key={index} text={piece.text} />
        ),
      )}
      {short !== null && (
        <>
          {!full && '…'}
          <button type="button" className="bubble-more" onClick={() => onShow(!full)} aria-expanded={full} data-testid="show-all">
            {full ? texts.showLess : texts.showAll}
          </button>
        </>
      )}
    </div>
  )
}

function Plain({ text }: { readonly text: string }) {
  const pieces = useMemo(() => cutAtPhoneNumbers(text), [text])
  return pieces.map((piece, index) =>
    index % 2 === 0 ? (
      piece
    ) : (
      <span key={index} className="phone-number">
        {piece}
      </span>
    ),
  )
}
