import { useState } from 'react'
import { mayIn, roleIn, serverHas, type Room } from '@bongsu/client'
import type { AccountId, Person, SendBody } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { HostIcon, LeaveIcon } from '../../parts/icons.tsx'
import { isolated } from '../../text/isolated.ts'
import { useRoleTexts } from '../../text/role-texts.ts'

export type MemberAct = 'remove' | 'hand-over'

interface MemberActsProps {
  readonly room: Room
  readonly person: Person
  readonly onRole: (body: SendBody) => void
  /** An act that asks first. */
  readonly onAsk: (act: MemberAct) => void
}

/** What the reader may do about a member of a group: give a role, hand over, remove [B11, B13]. Nothing for most readers. */
export function MemberActs({ room, person: { accountId }, onRole, onAsk }: MemberActsProps) {
  const roles = useRoleTexts()
  const { accountId: me } = useApp()
  const { replica } = useView()
  const { meta } = room
  if (meta.kind !== 'group' || accountId === me || !serverHas(replica, 'roles')) return null
  const isHost = mayIn(meta, me, 'host')
  const theirs = roleIn(meta, accountId)
  return (
    <>
      {isHost && (
        <div className="member-acts">
          <button
            type="button"
            className="button button-quiet button-wide"
            onClick={() => onRole({ kind: 'role', accountId, role: theirs === 'deputy' ? 'member' : 'deputy' })}
            data-testid="make-deputy"
          >
            {theirs === 'deputy' ? roles.endDeputy : roles.makeDeputy}
          </button>
          <button type="button" className="button button-quiet button-wide" onClick={() => onAsk('hand-over')} data-testid="hand-over">
            <HostIcon size={18} />
            {roles.handOver}
          </button>
        </div>
      )}
      {mayRemove(room, me, accountId) && (
        <button type="button" className="sheet-act sheet-danger" onClick={() => onAsk('remove')} data-testid="remove-member">
          <LeaveIcon />
          {roles.removeMember}
        </button>
      )}
    </>
  )
}

/** Nobody removes the host, and only the host removes a deputy [B13]. */
function mayRemove({ meta }: Room, me: AccountId, accountId: AccountId): boolean {
  const theirs = roleIn(meta, accountId)
  return mayIn(meta, me, 'remove') && (theirs === 'member' || (theirs === 'deputy' && mayIn(meta, me, 'host')))
}

interface ConfirmMemberActProps {
  readonly act: MemberAct
  readonly person: Person
  readonly error: string | null
  readonly onConfirm: (body: SendBody) => Promise<void>
  readonly onClose: () => void
}

/** Asks before a member is removed or the group is handed over [C26]. */
export function ConfirmMemberAct({ act, person: { accountId, displayName }, error, onConfirm, onClose }: ConfirmMemberActProps) {
  const roles = useRoleTexts()
  const [barred, setBarred] = useState(false)
  if (act === 'hand-over') {
    return (
      <Confirm
        title={roles.handOverAsk(isolated(displayName))}
        about={roles.handOverAbout}
        action={roles.handOverNow}
        error={error}
        onConfirm={() => onConfirm({ kind: 'role', accountId, role: 'host' })}
        onClose={onClose}
      />
    )
  }
  return (
    <Confirm
      title={roles.removeMemberAsk(isolated(displayName))}
      about={roles.removeMemberAbout}
      action={roles.removeMemberNow}
      error={error}
      onConfirm={() => onConfirm({ kind: 'removed', accountId, barred })}
      onClose={onClose}
    >
      <label className="confirm-check">
        <input type="checkbox" checked={barred} onChange={() => setBarred(!barred)} data-testid="bar-member" />
        <span>
          {roles.barMember}
          <small>{roles.barMemberHint}</small>
        </span>
      </label>
    </Confirm>
  )
}
