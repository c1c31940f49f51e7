import { useState } from 'react'
import { roomTitle, type Room } from '@bongsu/client'
import type { Person, SendBody } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { AddFriendIcon, LeaveIcon, PencilIcon } from '../../parts/icons.tsx'
import { RoomFace } from '../../parts/room-face.tsx'
import { paths } from '../../route.ts'
import { replace } from '../../router.ts'
import { titleFault } from '../../text/faults.ts'
import { Profile } from '../friends/profile.tsx'
import { InviteToRoom } from './invite-to-room.tsx'
import { Members } from './members.tsx'

type Open =
  | { readonly at: 'info' }
  | { readonly at: 'rename' }
  | { readonly at: 'invite' }
  | { readonly at: 'leave' }
  | { readonly at: 'person'; readonly person: Person }

/** About a room: its members, and what can be done with it. */
export function RoomSheet({ room, onClose }: { readonly room: Room; readonly onClose: () => void }) {
  const texts = useTexts()
  const { device } = useApp()
  const { replica } = useView()
  const [open, setOpen] = useState<Open>({ at: 'info' })
  const [error, setError] = useState<string | null>(null)
  const { kind } = room.meta
  const title = roomTitle(room, replica.accountId) ?? texts.notes
  const info = (): void => setOpen({ at: 'info' })

  /** Sent through the outbox like a message: it happens once, also without a connection [C2]. */
  async function write(body: SendBody): Promise<boolean> {
    try {
      const id = await device.send(room.conversationId, body)
      // A slow answer is not awaited: the change stays in the outbox, and the room shows it when it happens.
      void device.settled(id).then(
        (outcome) => !outcome.accepted && setError(texts.refusals[outcome.code]),
        () => undefined,
      )
      return true
    } catch {
      setError(texts.couldNotStore)
      return false
    }
  }

  async function leave(): Promise<void> {
    if (!(await write({ kind: 'left' }))) return
    onClose()
    replace(paths.chats)
  }

  switch (open.at) {
    case 'person':
      return <Profile person={open.person} onClose={onClose} />
    case 'leave':
      return <Confirm title={texts.leaveAsk} about={texts.leaveAbout} action={texts.leaveNow} error={error} onConfirm={leave} onClose={info} />
    case 'invite':
      return <InviteToRoom room={room} onClose={info} onInvite={async (accounts) => (await write({ kind: 'invited', accounts })) && info()} />
    case 'rename':
      return <Rename title={room.meta.title} onClose={info} onRename={async (next) => (await write({ kind: 'renamed', title: next })) && info()} />
    case 'info':
      return (
        <Sheet kind="side" title={texts.roomMenu} onClose={onClose} testId="room-sheet">
          <div className="room-about">
            <RoomFace room={room} />
            <p className="room-about-title">{title || texts.emptyRoom}</p>
          </div>
          {error !== null && (
            <p className="form-error" role="alert">
              {error}
            </p>
          )}
          {kind === 'group' && (
            <div className="profile-actions">
              <button type="button" className="tile" onClick={() => setOpen({ at: 'invite' })} data-testid="invite-friends">
                <AddFriendIcon />
                {texts.inviteFriends}
              </button>
              <button type="button" className="tile" onClick={() => setOpen({ at: 'rename' })} data-testid="rename">
                <PencilIcon />
                {texts.rename}
              </button>
              <button type="button" className="tile" onClick={() => setOpen({ at: 'leave' })} data-testid="leave">
                <LeaveIcon />
                {texts.leaveNow}
              </button>
            </div>
          )}
          {kind !== 'self' && <Members room={room} onOpen={(person) => setOpen({ at: 'person', person })} />}
        </Sheet>
      )
  }
}

function Rename({
  title: before,
  onRename,
  onClose,
}: {
  readonly title: string
  readonly onRename: (title: string) => Promise<unknown>
  readonly onClose: () => void
}) {
  const texts = useTexts()
  const [title, setTitle] = useState(before)
  const fault = titleFault(texts, title)
  return (
    <Sheet title={texts.rename} onClose={onClose} testId="rename-sheet">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (fault === null) void onRename(title.trim())
        }}
      >
        <Field
          label={texts.groupTitle}
          hint={texts.groupTitleHint}
          value={title}
          onChange={setTitle}
          error={fault}
          autoFocus
          autoComplete="off"
          data-testid="rename-title"
        />
        <button
          type="submit"
          className="button button-main button-wide"
          disabled={fault !== null || title.trim() === before}
          data-testid="confirm-rename"
        >
          {texts.save}
        </button>
      </form>
    </Sheet>
  )
}
