import { memo } from 'react'
import type { RefusalCode } from '@bongsu/protocol'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Face } from '../../parts/face.tsx'
import { RetryIcon, TrashIcon } from '../../parts/icons.tsx'
import { isEmojiOnly } from '../../text/emoji-only.ts'
import type { MessageRow } from './rows.ts'
import { TextBody } from './text-body.tsx'

interface BubbleProps {
  readonly row: MessageRow
  /** Null while the name is being learnt. */
  readonly name: string | null
  /** The time as it is said beside the bubble. */
  readonly clock: string
  readonly full: boolean
  readonly onShow: (id: string, full: boolean) => void
  readonly onRetry: (row: MessageRow) => void
  readonly onDiscard: (row: MessageRow) => void
}

function sameRow(a: MessageRow, b: MessageRow): boolean {
  return (
    a.key === b.key &&
    a.seq === b.seq &&
    a.state === b.state &&
    a.unread === b.unread &&
    a.first === b.first &&
    a.last === b.last &&
    a.refused === b.refused &&
    a.text === b.text
  )
}

/** One message. Drawn anew only when something of it changed: a room redraws with every number that falls. */
export const Bubble = memo(
  function Bubble({ row, name, clock, full, onShow, onRetry, onDiscard }: BubbleProps) {
    const texts = useTexts()
    const language = useLanguage()
    const large = isEmojiOnly(row.text)
    const author = name ?? texts.unknownPerson
    return (
      <div
        className={`message${row.mine ? ' message-mine' : ''}${row.first ? ' message-first' : ''}${row.last ? ' message-last' : ''}`}
        data-testid="message"
        data-seq={row.seq ?? undefined}
        data-state={row.state}
        data-mine={row.mine}
      >
        {!row.mine && row.first && <Face id={row.author} name={name} size="s" />}
        {!row.mine && row.first ? <p className="message-name">{author}</p> : <span className="visually-hidden">{row.mine ? texts.me : author}</span>}
        <div className="message-line">
          <div className={large ? 'bubble-large' : 'bubble'}>
            <TextBody text={row.text} full={full} onShow={(shown) => onShow(row.id, shown)} />
          </div>
          <div className="message-foot">
            {row.state === 'sent' && row.unread > 0 && (
              <span className="unread-number" data-testid="unread-number">
                <span aria-hidden="true">{row.unread.toLocaleString(language)}</span>
                <span className="visually-hidden">{texts.unreadNumber(row.unread)}</span>
              </span>
            )}
            {row.state === 'sent' && row.last && <time dateTime={new Date(row.time).toISOString()}>{clock}</time>}
            {(row.state === 'sending' || row.state === 'waiting') && (
              <span className={`message-pending message-${row.state}`}>{row.state === 'sending' ? texts.sending : texts.waiting}</span>
            )}
          </div>
        </div>
        {row.state === 'failed' && (
          <div className="message-failed">
            <span>
              {texts.failed}
              {row.refused !== null && row.refused in texts.refusals && (
                <span className="message-why"> · {texts.refusals[row.refused as RefusalCode]}</span>
              )}
            </span>
            <button type="button" className="chip" onClick={() => onRetry(row)} data-testid="retry">
              <RetryIcon size={15} />
              {texts.retry}
            </button>
            <button type="button" className="chip" onClick={() => onDiscard(row)} data-testid="discard">
              <TrashIcon size={15} />
              {texts.discard}
            </button>
          </div>
        )}
      </div>
    )
  },
  (before, after) => sameRow(before.row, after.row) && before.name === after.name && before.full === after.full && before.clock === after.clock,
)
