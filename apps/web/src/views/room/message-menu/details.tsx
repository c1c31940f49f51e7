import type { Room } from '@bongsu/client'
import { useApp } from '../../../app-context.ts'
import { useLanguage, useTexts } from '../../../adapters/settings-store.ts'
import { Sheet } from '../../../parts/dialog.tsx'
import { exactLabel } from '../../../text/time-labels.ts'
import { marksAt } from '../marks.ts'
import type { Target } from '../target.ts'
import './message-menu.css'

interface DetailsProps {
  readonly room: Room
  readonly target: Target
  readonly name: string
  readonly words: string
  readonly onClose: () => void
}

/** Details of one message: author, exact time, and how many have not read it. The server sends a number and no names [R4]. */
export function Details({ room, target, name, words, onClose }: DetailsProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me } = useApp()
  const { editedAt } = marksAt(room, target.seq, me)
  // An unknown number is not shown: it may or may not be 0.
  const unread = target.seq === null ? undefined : room.unread.get(target.seq)
  return (
    <Sheet title={texts.details} onClose={onClose} testId="message-details">
      <p className="details-words">{words}</p>
      <dl className="details">
        <dt>{texts.detailsFrom}</dt>
        <dd>{name}</dd>
        <dt>{texts.detailsTime}</dt>
        <dd>
          <time dateTime={new Date(target.time).toISOString()}>{exactLabel(target.time, language)}</time>
        </dd>
        {editedAt !== null && (
          <>
            <dt>{texts.detailsEdited}</dt>
            <dd>
              <time dateTime={new Date(editedAt).toISOString()}>{exactLabel(editedAt, language)}</time>
            </dd>
          </>
        )}
        {unread !== undefined && room.meta.kind !== 'self' && (
          <>
            <dt>{texts.detailsUnread}</dt>
            <dd data-testid="details-unread">{unread === 0 ? texts.detailsAllRead : <b className="unread-number">{texts.people(unread)}</b>}</dd>
          </>
        )}
      </dl>
    </Sheet>
  )
}
