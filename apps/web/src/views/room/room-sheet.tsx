import { useState } from 'react'
import { isAside, mayIn, roomTitle, serverHas, type ApiResult, type Room } from '@bongsu/client'
import type { Person, SendBody } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { AddFriendIcon, EyeIcon, EyeOffIcon, FlagIcon, HostIcon, LeaveIcon, PencilIcon } from '../../parts/icons.tsx'
import { RoomFace } from '../../parts/room-face.tsx'
import { toast } from '../../parts/toast.tsx'
import { paths } from '../../route.ts'
import { replace } from '../../router.ts'
import { failureText } from '../../text/failure.ts'
import { useReportTexts } from '../../text/report-texts.ts'
import { useRoleTexts } from '../../text/role-texts.ts'
import { titleFault } from '../../text/faults.ts'
import { Profile } from '../friends/profile.tsx'
import { ReportSheet } from '../reports/report-sheet.tsx'
import { InviteToRoom } from './invite-to-room.tsx'
import { ConfirmMemberAct, MemberActs, type MemberAct } from './member-acts.tsx'
import { Members } from './members.tsx'
import { RoomRights } from './room-rights.tsx'

type Open =
  | { readonly at: 'info' }
  | { readonly at: 'rename' }
  | { readonly at: 'invite' }
  | { readonly at: 'leave' }
  | { readonly at: 'report' }
  | { readonly at: 'rights' }
  | { readonly at: 'person'; readonly person: Person }
  | { readonly at: 'ask'; readonly act: MemberAct; readonly person: Person }

/** About a room: its members, and what can be done with it. */
export function RoomSheet({ room, onClose }: { readonly room: Room; readonly onClose: () => void }) {
  const texts = useTexts()
  const roles = useRoleTexts()
  const reportTexts = useReportTexts()
  const { api, device, accountId: me } = useApp()
  const { replica } = useView()
  const [open, setOpen] = useState<Open>({ at: 'info' })
  const [error, setError] = useState<string | null>(null)
  const { kind } = room.meta
  const title = roomTitle(room, replica) ?? texts.notes
  const info = (): void => setOpen({ at: 'info' })
  const hasRoles = kind === 'group' && serverHas(replica, 'roles')

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

  const other = room.meta.people[0]?.accountId
  const leavesDirect = kind === 'direct' && other !== undefined && serverHas(replica, 'aside')
  const isPutAside = isAside(room, replica)

  async function done(asked: Promise<ApiResult<unknown>>): Promise<boolean> {
    const answer = await asked
    if (!answer.ok) setError(failureText(texts, answer))
    return answer.ok
  }

  async function putAside(): Promise<void> {
    const params = { conversationId: room.conversationId }
    if (isPutAside) {
      if (await done(api.call('takeBack', { params }))) onClose()
      return
    }
    if (!(await done(api.call('putAside', { params, body: { seq: room.cursor } })))) return
    onClose()
    replace(paths.chats)
    toast(texts.asideDone)
  }

  async function leave(): Promise<void> {
    const left = leavesDirect
      ? await done(api.call('leaveDirect', { params: { accountId: other }, query: { seq: room.cursor } }))
      : await write({ kind: 'left' })
    if (!left) return
    onClose()
    replace(paths.chats)
  }

  switch (open.at) {
    case 'person':
      return (
        <Profile person={open.person} onClose={onClose}>
          <MemberActs
            room={room}
            person={open.person}
            onRole={(body) => void write(body).then(info)}
            onAsk={(act) => setOpen({ at: 'ask', act, person: open.person })}
          />
        </Profile>
      )
    case 'ask':
      return (
        <ConfirmMemberAct
          act={open.act}
          person={open.person}
          error={error}
          onConfirm={async (body) => void ((await write(body)) && info())}
          onClose={info}
        />
      )
    case 'rights':
      return <RoomRights room={room} error={error} onChange={(body) => void write(body)} onClose={info} />
    case 'leave':
      return (
        <Confirm
          title={texts.leaveAsk}
          about={leavesDirect ? texts.leaveDirectAbout : texts.leaveAbout}
          action={texts.leaveNow}
          error={error}
          onConfirm={leave}
          onClose={info}
        />
      )
    case 'report':
      return <ReportSheet reported={{ kind: 'room', conversationId: room.conversationId }} name={title || texts.emptyRoom} onClose={info} />
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
          <div className="profile-actions">
            {kind === 'group' && mayIn(room.meta, me, 'invite') && (
              <button type="button" className="tile" onClick={() => setOpen({ at: 'invite' })} data-testid="invite-friends">
                <AddFriendIcon />
                {texts.inviteFriends}
              </button>
            )}
            {kind === 'group' && mayIn(room.meta, me, 'rename') && (
              <button type="button" className="tile" onClick={() => setOpen({ at: 'rename' })} data-testid="rename">
                <PencilIcon />
                {texts.rename}
              </button>
            )}
            {kind === 'group' && hasRoles && (
              <button type="button" className="tile" onClick={() => setOpen({ at: 'rights' })} data-testid="rights">
                <HostIcon />
                {roles.rights}
              </button>
            )}
            {serverHas(replica, 'aside') && (
              <button type="button" className="tile" onClick={() => void putAside()} data-testid="put-aside">
                {isPutAside ? <EyeIcon /> : <EyeOffIcon />}
                {isPutAside ? texts.takeBack : texts.putAside}
              </button>
            )}
          </div>
          {kind !== 'self' && <Members room={room} onOpen={(person) => setOpen({ at: 'person', person })} />}
          {kind === 'group' && serverHas(replica, 'reports') && (
            <button type="button" className="sheet-act" onClick={() => setOpen({ at: 'report' })} data-testid="report-room">
              <FlagIcon />
              {reportTexts.report}
            </button>
          )}
          {(kind === 'group' || leavesDirect) && (
            <button type="button" className="sheet-act sheet-danger" onClick={() => setOpen({ at: 'leave' })} data-testid="leave">
              <LeaveIcon />
              {texts.leave}
            </button>
          )}
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
