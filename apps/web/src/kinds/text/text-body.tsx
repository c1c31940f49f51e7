import { useMemo } from 'react'
import type { EntryBody } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { cutText } from '../../text/cut-text.ts'
import { isEmojiOnly } from '../../text/emoji-only.ts'
import type { BodyProps } from '../body-props.ts'
import { firstOf, piecesOf } from './pieces.ts'

const noMentions = [] as const
const outside = { target: '_blank', rel: 'noreferrer noopener' } as const
const number = { className: 'phone-number' } as const

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
          <a key={index} href={piece.href} dir="ltr" {...(/^https?:/.test(piece.href) ? outside : piece.href.startsWith('tel:') ? number : {})}>
            {piece.shown}
          </a>
        ) : piece.who !== null ? (
          <bdi key={index} className={isMe(piece.who) ? 'mention mention-me' : 'mention'} data-testid="mention">
            {piece.shown}
          </bdi>
        ) : (
          piece.shown
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
