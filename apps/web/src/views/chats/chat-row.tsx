import { lastEntry, roomTitle, unreadCount, type Pending, type Room } from '@bongsu/client'
import type { AccountId } from '@bongsu/protocol'
import { useNames, useView } from '../../app-context.ts'
import { useDay } from '../../adapters/day.ts'
import { shownName } from '../../adapters/last-list.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Badge } from '../../parts/badge.tsx'
import { AlertIcon } from '../../parts/icons.tsx'
import { StaffBadge } from '../../parts/person-name.tsx'
import { RoomFace } from '../../parts/room-face.tsx'
import { paths } from '../../route.ts'
import { isWithStaff } from '../../text/with-staff.ts'
import { lookOf, namedWordsOf } from '../../kinds/kinds.ts'
import { countLabel } from '../../text/count-label.ts'
import { clip } from '../../text/cut-text.ts'
import { listLabel } from '../../text/time-labels.ts'

interface ChatRowProps {
  readonly room: Room
  readonly me: AccountId | null
  readonly draft: string
  readonly outbox: readonly Pending[]
  readonly open: boolean
}

/** A preview has one line. More of a long text would be laid out only to be cut. */
const previewUnitsMax = 120

export function ChatRow({ room, me, draft, outbox, open }: ChatRowProps) {
  const texts = useTexts()
  useDay()
  const language = useLanguage()
  const nameOf = useNames()
  const { replica } = useView()
  const mine = outbox.filter((item) => item.conversationId === room.conversationId)
  const failed = mine.some((item) => item.refused !== null)
  const waiting = mine.findLast((item) => lookOf(item.body.kind).shape(room.meta.kind) === 'bubble')
  const entry = lastEntry(room, replica)
  const unread = unreadCount(room, replica)
  const title = roomTitle(room, replica) ?? texts.notes

  function preview(): string {
    const told = { language, nameOf, room: room.meta.kind }
    if (waiting !== undefined && me !== null) return namedWordsOf({ author: me, body: waiting.body }, told, me, texts.said)
    return entry === null ? '' : namedWordsOf(entry, told, me, texts.said)
  }

  const time = waiting?.writtenAt ?? entry?.acceptedAt
  return (
    <div role="listitem">
      <a
        className="row"
        href={paths.room(room.conversationId)}
        aria-current={open ? 'true' : undefined}
        data-testid="chat-row"
        data-conversation={room.conversationId}
      >
        <RoomFace room={room} />
        <span className="row-text">
          <span className="row-top">
            <bdi className="row-name">{title || texts.emptyRoom}</bdi>
            {isWithStaff(room) && <StaffBadge />}
            {room.meta.kind === 'group' && (
              <span className="row-count">
                <span aria-hidden="true">{countLabel(room.meta.memberCount)}</span>
                <span className="visually-hidden">{texts.membersOf(room.meta.memberCount)}</span>
              </span>
            )}
            {time !== undefined && <span className="row-time">{listLabel(time, Date.now(), language)}</span>}
          </span>
          <span className="row-bottom">
            <span className="row-last" data-shows={entry === null ? undefined : shownName(room.conversationId, entry.seq)}>
              {draft !== '' && <span className="row-draft">{texts.draft}</span>}
              {clip(draft === '' ? preview() : draft, previewUnitsMax)}
            </span>
            {failed && (
              <span className="row-failed" role="img" aria-label={texts.failedMark} title={texts.failedMark}>
                <AlertIcon size={18} />
              </span>
            )}
            <Badge count={unread} label={texts.unreadOf(unread)} />
          </span>
        </span>
      </a>
    </div>
  )
}
