import { useEffect, useState } from 'react'
import type { Room } from '@bongsu/client'
import type { AccountId } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { FriendPicker } from '../../parts/friend-picker.tsx'
import { useMembers } from './use-members.ts'

interface InviteToRoomProps {
  readonly room: Room
  readonly onInvite: (accounts: AccountId[]) => Promise<unknown>
  readonly onClose: () => void
}

export function InviteToRoom({ room, onInvite, onClose }: InviteToRoomProps) {
  const texts = useTexts()
  const { people, more, load } = useMembers(room.conversationId)
  const [picked, setPicked] = useState<ReadonlySet<AccountId>>(new Set())
  // Members are not offered. Without the list of members, the server decides.
  useEffect(() => {
    if (more) void load()
  }, [more, people.length, load])
  const [inside, setInside] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => setInside(new Set(people.map((person) => person.accountId))), [people])
  return (
    <Sheet title={texts.inviteFriends} onClose={onClose} testId="invite-sheet">
      <FriendPicker picked={picked} onChange={setPicked} without={inside} />
      <button
        type="button"
        className="button button-main button-wide"
        disabled={picked.size === 0}
        onClick={() => void onInvite([...picked])}
        data-testid="confirm-invite"
      >
        {picked.size === 0 ? texts.inviteTo : `${texts.inviteTo} · ${texts.picked(picked.size)}`}
      </button>
    </Sheet>
  )
}
