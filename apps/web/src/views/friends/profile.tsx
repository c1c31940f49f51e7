import { useState } from 'react'
import type { Person } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { AddFriendIcon, BookmarkIcon, ChatsIcon, QrIcon, TrashIcon } from '../../parts/icons.tsx'
import { MyLink } from '../../parts/my-link.tsx'
import { failureText } from '../../text/failure.ts'
import { useOpenDirect } from './use-open-direct.ts'

/** A person's profile, with a button to talk to them. One's own profile has notes and the link to give away. */
export function Profile({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const texts = useTexts()
  const { api, accountId: me } = useApp()
  const { replica } = useView()
  const direct = useOpenDirect()
  const [asking, setAsking] = useState(false)
  const [showing, setShowing] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const isMe = person.accountId === me
  const isFriend = replica.friends.has(person.accountId)

  async function talk(): Promise<void> {
    if (!direct.busy && (await direct.open(person.accountId))) onClose()
  }

  async function change(): Promise<void> {
    const answer = await api.call(isFriend ? 'removeFriend' : 'addFriend', { params: { accountId: person.accountId } })
    if (answer.ok) onClose()
    else setError(failureText(texts, answer))
  }

  if (asking) {
    return (
      <Confirm
        title={texts.removeFriend}
        about={texts.removeFriendAsk(person.displayName)}
        action={texts.remove}
        error={error}
        onConfirm={change}
        onClose={() => setAsking(false)}
      />
    )
  }
  return (
    <Sheet title={person.displayName} titleHidden onClose={onClose} testId="profile-sheet">
      <div className="profile">
        <Face id={person.accountId} name={person.displayName} size="xl" />
        <p className="profile-name">{person.displayName}</p>
        <p className="profile-handle">@{person.handle}</p>
        {(direct.error ?? error) !== null && (
          <p className="form-error" role="alert">
            {direct.error ?? error}
          </p>
        )}
        <div className="profile-actions">
          <button type="button" className="tile tile-main" onClick={() => void talk()} aria-disabled={direct.busy} data-testid="start-chat">
            {isMe ? <BookmarkIcon /> : <ChatsIcon />}
            {isMe ? texts.notes : texts.startChat}
          </button>
          {isMe ? (
            <button type="button" className="tile" onClick={() => setShowing(!showing)} aria-expanded={showing} data-testid="my-link">
              <QrIcon />
              {texts.myLink}
            </button>
          ) : (
            <button
              type="button"
              className="tile"
              onClick={() => (isFriend ? setAsking(true) : void change())}
              data-testid={isFriend ? 'remove-friend' : 'make-friend'}
            >
              {isFriend ? <TrashIcon /> : <AddFriendIcon />}
              {isFriend ? texts.removeFriend : texts.addFriend}
            </button>
          )}
        </div>
        {isMe && showing && <MyLink handle={person.handle} />}
      </div>
    </Sheet>
  )
}
