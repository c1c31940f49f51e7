import { useState, type ReactNode } from 'react'
import { serverHas } from '@bongsu/client'
import type { Person } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { AddFriendIcon, BlockIcon, BookmarkIcon, ChatsIcon, EyeIcon, FlagIcon, QrIcon, TrashIcon } from '../../parts/icons.tsx'
import { MyLink } from '../../parts/my-link.tsx'
import { StaffBadge } from '../../parts/person-name.tsx'
import { useAddedTexts } from '../../text/added-texts.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { useReportTexts } from '../../text/report-texts.ts'
import { ReportSheet } from '../reports/report-sheet.tsx'
import { BlockPerson } from './block-person.tsx'
import { useOpenDirect } from './use-open-direct.ts'

interface ProfileProps {
  readonly person: Person
  /** What else can be done about the person. */
  readonly children?: ReactNode
  readonly onClose: () => void
}

/** A person's profile, with a button to talk to them. One's own profile has notes and the link to give away. */
export function Profile({ person, children, onClose }: ProfileProps) {
  const texts = useTexts()
  const words = useAddedTexts()
  const reportTexts = useReportTexts()
  const { api, accountId: me } = useApp()
  const { replica } = useView()
  const direct = useOpenDirect()
  const [asking, setAsking] = useState<'remove' | 'block' | 'report' | null>(null)
  const [showing, setShowing] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const isMe = person.accountId === me
  const isFriend = replica.friends.has(person.accountId)
  const isBlocked = replica.blocked.has(person.accountId)
  const canAdd = !isMe && !isFriend && !isBlocked

  async function talk(): Promise<void> {
    if (!direct.busy && (await direct.open(person.accountId))) onClose()
  }

  async function change(act: 'addFriend' | 'removeFriend' | 'unblock'): Promise<void> {
    const answer = await api.call(act, { params: { accountId: person.accountId } })
    if (answer.ok) onClose()
    else setError(failureText(texts, answer))
  }

  if (asking === 'block') {
    return <BlockPerson accountId={person.accountId} name={isolated(person.displayName)} onClose={() => setAsking(null)} onDone={onClose} />
  }
  if (asking === 'report') {
    return <ReportSheet reported={{ kind: 'person', accountId: person.accountId }} name={person.displayName} onClose={onClose} />
  }
  if (asking === 'remove') {
    return (
      <Confirm
        title={texts.removeFriend}
        about={texts.removeFriendAsk(isolated(person.displayName))}
        action={texts.remove}
        error={error}
        onConfirm={() => change('removeFriend')}
        onClose={() => setAsking(null)}
      />
    )
  }
  return (
    <Sheet title={person.displayName} titleHidden onClose={onClose} testId="profile-sheet">
      <div className="profile">
        <Face id={person.accountId} name={person.displayName} size="xl" />
        <p className="profile-name">
          <bdi>{person.displayName}</bdi>
        </p>
        {person.staff === true && <StaffBadge />}
        <p className="profile-handle">@{person.handle}</p>
        {(direct.error ?? error) !== null && (
          <p className="form-error" role="alert">
            {direct.error ?? error}
          </p>
        )}
        <div className="profile-actions">
          {isBlocked ? (
            <button type="button" className="tile tile-main" onClick={() => void change('unblock')} data-testid="unblock">
              <EyeIcon />
              {texts.unblock}
            </button>
          ) : (
            <button type="button" className="tile tile-main" onClick={() => void talk()} aria-disabled={direct.busy} data-testid="start-chat">
              {isMe ? <BookmarkIcon /> : <ChatsIcon />}
              {isMe ? texts.notes : texts.startChat}
            </button>
          )}
          {isMe && (
            <button type="button" className="tile" onClick={() => setShowing(!showing)} aria-expanded={showing} data-testid="my-link">
              <QrIcon />
              {texts.myLink}
            </button>
          )}
          {canAdd && (
            <button type="button" className="tile" onClick={() => void change('addFriend')} data-testid="make-friend">
              <AddFriendIcon />
              {texts.addFriend}
            </button>
          )}
        </div>
        {canAdd && serverHas(replica, 'added') && !replica.added.has(person.accountId) && <p className="hint">{words.tells}</p>}
        {isMe && showing && <MyLink handle={person.handle} />}
      </div>
      {children}
      {!isMe && serverHas(replica, 'reports') && (
        <button type="button" className="sheet-act" onClick={() => setAsking('report')} data-testid="report">
          <FlagIcon />
          {reportTexts.report}
        </button>
      )}
      {isFriend && (
        <button type="button" className="sheet-act sheet-danger" onClick={() => setAsking('remove')} data-testid="remove-friend">
          <TrashIcon />
          {texts.removeFriend}
        </button>
      )}
      {!isMe && !isBlocked && serverHas(replica, 'block') && (
        <button type="button" className="sheet-act sheet-danger" onClick={() => setAsking('block')} data-testid="block">
          <BlockIcon />
          {texts.block}
        </button>
      )}
    </Sheet>
  )
}
