import { useState, type CSSProperties } from 'react'
import type { Room } from '@bongsu/client'
import { VList } from 'virtua'
import { useApp, useShownName, useView } from '../../../app-context.ts'
import { useLanguage, useTexts } from '../../../adapters/settings-store.ts'
import { Sheet } from '../../../parts/dialog.tsx'
import { Face } from '../../../parts/face.tsx'
import { PersonName } from '../../../parts/person-name.tsx'
import { exactLabel } from '../../../text/time-labels.ts'
import { marksAt } from '../marks.ts'
import { MembersFailed } from '../members-failed.tsx'
import type { Target } from '../target.ts'
import { useMembers, type WhichMembers } from '../use-members.ts'
import './message-menu.css'

interface DetailsProps {
  readonly room: Room
  readonly target: Target
  readonly name: string
  readonly words: string
  readonly onClose: () => void
}

/** Details of one message: author, exact time, who has read it and who has not [R4, R7]. */
export function Details({ room, target, name, words, onClose }: DetailsProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me } = useApp()
  const { replica } = useView()
  const { editedAt } = marksAt(room, target.seq, me, replica.blocked)
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
      </dl>
      {target.seq !== null && room.meta.kind !== 'self' && <Readers room={room} seq={target.seq} unread={unread ?? null} />}
    </Sheet>
  )
}

/** The names of who has yet to read the message and of who has read it, one list at a time. Asked again when their number changes. */
function Readers({ room, seq, unread }: { readonly room: Room; readonly seq: number; readonly unread: number | null }) {
  const texts = useTexts()
  const [chosen, setChosen] = useState<'read' | 'unread' | null>(null)
  const shown = chosen ?? (unread === 0 ? 'read' : 'unread')
  const tab = (name: 'read' | 'unread', label: string) => (
    <button type="button" className="reaction" aria-pressed={shown === name} onClick={() => setChosen(name)} data-testid={`readers-${name}`}>
      {label} {name === 'unread' && unread !== null && <b>{unread}</b>}
    </button>
  )
  return (
    <>
      <div className="reactor-tabs" role="group" aria-label={texts.detailsReaders}>
        {tab('unread', texts.detailsUnread)}
        {tab('read', texts.detailsRead)}
      </div>
      <People key={`${shown} ${unread}`} room={room} which={shown === 'read' ? { readAt: seq } : { unreadAt: seq }} />
    </>
  )
}

function People({ room, which }: { readonly room: Room; readonly which: WhichMembers }) {
  const texts = useTexts()
  const { people, more, error, load } = useMembers(room.conversationId, true, which)
  const shownName = useShownName()
  return (
    <>
      {error !== null && <MembersFailed load={load} />}
      {!more && people.length === 0 && <p className="hint">{texts.detailsNobody}</p>}
      <VList
        className="reactor-list reader-list"
        role="list"
        style={{ '--rows': people.length } as CSSProperties}
        onScrollEnd={() => {
          if (more) void load()
        }}
      >
        {people.map((person) => (
          <div role="listitem" key={person.accountId} className="row row-person" data-testid="reader">
            <Face id={person.accountId} name={shownName(person)} size="s" />
            <span className="row-text">
              <PersonName person={person} />
            </span>
          </div>
        ))}
      </VList>
    </>
  )
}
