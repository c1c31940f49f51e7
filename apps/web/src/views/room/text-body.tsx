import { useMemo } from 'react'
import { useTexts } from '../../adapters/settings-store.ts'
import { linkify } from '../../text/linkify.ts'
import { cutText } from '../../text/cut-text.ts'
import { cutAtPhoneNumbers } from '../../text/phone-numbers.ts'

/** A message's text: links are links, nothing else is interpreted. A long one is cut until it is wanted whole. */
export function TextBody({ text, full, onShow }: { readonly text: string; readonly full: boolean; readonly onShow: (full: boolean) => void }) {
  const texts = useTexts()
  const short = useMemo(() => cutText(text), [text])
  const pieces = useMemo(() => linkify(full || short === null ? text : short), [text, short, full])
  return (
    <>
      {pieces.map((piece, index) =>
        piece.href === null ? (
          <Plain key={index} text={piece.text} />
        ) : (
          <a key={index} href={piece.href} target="_blank" rel="noreferrer noopener">
            {piece.text}
          </a>
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
    </>
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
