import { memo, type ReactElement } from 'react'
import type { AccountId, RefusalCode } from '@bongsu/protocol'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { bodyOf } from '../../kinds/bodies.ts'
import { markLook } from '../../kinds/mark-looks.ts'
import { Face } from '../../parts/face.tsx'
import { RetryIcon, TrashIcon } from '../../parts/icons.tsx'
import { StaffBadge } from '../../parts/person-name.tsx'
import { countLabel } from '../../text/count-label.ts'
import type { Deeds } from './deeds.ts'
import type { Marks } from './marks.ts'
import { Reactions } from './reactions.tsx'
import type { MessageRow } from './rows.ts'

interface BubbleProps {
  readonly row: MessageRow
  readonly marks: Marks
  readonly me: AccountId
  /** Null while the name is being loaded. */
  readonly name: string | null
  readonly staff: boolean
  /** The time shown beside the bubble. */
  readonly clock: string
  /** The text of the message for a screen reader. */
  readonly label: string
  readonly full: boolean
  /** Whether it is selected while messages are being selected; null otherwise. */
  readonly picked: boolean | null
  /** The view has just jumped to it. */
  readonly marked: boolean
  /** The answered message. */
  readonly quote: ReactElement | null
  /** The bar of acts, while the mouse is over the message. */
  readonly bar: ReactElement | null
  readonly deeds: Deeds
}

/** Whether two elements look the same. */
function sameElement(a: ReactElement | null, b: ReactElement | null): boolean {
  if (a === null || b === null) return a === b
  const [before, after] = [a.props, b.props] as [Record<string, unknown>, Record<string, unknown>]
  return a.type === b.type && Object.keys(after).every((name) => before[name] === after[name])
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
    a.body === b.body
  )
}

/** One message. Drawn again only when something of it changed, because a room is redrawn with every falling unread number. */
export const Bubble = memo(
  function Bubble({ row, marks, me, name, staff, clock, label, full, picked, marked, quote, bar, deeds }: BubbleProps) {
    const texts = useTexts()
    const language = useLanguage()
    const Body = bodyOf(row.body.kind)
    return (
      <article
        className={`message${row.mine ? ' message-mine' : ''}${row.first ? ' message-first' : ''}${row.last ? ' message-last' : ''}${marked ? ' message-marked' : ''}`}
        tabIndex={-1}
        aria-label={label}
        data-testid="message"
        data-key={row.key}
        data-seq={row.seq ?? undefined}
        data-state={row.state}
        data-mine={row.mine}
      >
        {!row.mine && row.first && <Face id={row.author} name={name} size="s" />}
        {!row.mine && row.first && (
          <p className="message-name">
            <bdi>{name ?? texts.unknownPerson}</bdi>
            {staff && <StaffBadge />}
          </p>
        )}
        <div className="message-line">
          <Body
            body={row.body}
            full={full}
            onShow={(shown) => deeds.show(row.id, shown)}
            isMe={(who) => who === me || who === 'everyone'}
            quote={quote}
          />
          <div className="message-foot">
            {row.state === 'sent' && row.unread > 0 && (
              <span className="unread-number" data-testid="unread-number">
                <span aria-hidden="true">{countLabel(row.unread)}</span>
                <span className="visually-hidden">{texts.unreadNumber(row.unread)}</span>
              </span>
            )}
            {marks.labelled.map((kind) => (
              <span key={kind} data-testid={`mark-${kind}`}>
                {markLook(kind).label[language]}
              </span>
            ))}
            {row.state === 'sent' && row.last && <time dateTime={new Date(row.time).toISOString()}>{clock}</time>}
            {(row.state === 'sending' || row.state === 'waiting') && (
              <span className={`message-pending message-${row.state}`}>{row.state === 'sending' ? texts.sending : texts.waiting}</span>
            )}
          </div>
          {bar}
        </div>
        {marks.reactions.length > 0 && <Reactions reactions={marks.reactions} row={row} deeds={deeds} />}
        {row.state === 'failed' && (
          <div className="message-failed">
            <span>
              {texts.failed}
              {row.refused !== null && row.refused in texts.refusals && (
                <span className="message-why"> · {texts.refusals[row.refused as RefusalCode]}</span>
              )}
            </span>
            <button type="button" className="chip" onClick={() => deeds.retry(row)} data-testid="retry">
              <RetryIcon size={15} />
              {texts.retry}
            </button>
            <button type="button" className="chip chip-danger" onClick={() => deeds.discard(row)} data-testid="discard">
              <TrashIcon size={15} />
              {texts.discard}
            </button>
          </div>
        )}
        {picked !== null && row.seq !== null && (
          <label className="message-pick">
            <input
              type="checkbox"
              checked={picked}
              aria-label={`${texts.selectMessage}: ${label}`}
              onChange={() => deeds.pick(row)}
              data-testid="pick"
            />
            <span className="picker-check">{picked && '✓'}</span>
          </label>
        )}
      </article>
    )
  },
  (before, after) =>
    sameRow(before.row, after.row) &&
    before.marks === after.marks &&
    before.name === after.name &&
    before.staff === after.staff &&
    before.full === after.full &&
    before.clock === after.clock &&
    before.label === after.label &&
    before.picked === after.picked &&
    before.marked === after.marked &&
    before.deeds === after.deeds &&
    sameElement(before.quote, after.quote) &&
    sameElement(before.bar, after.bar),
)
