import { useState } from 'react'
import { serverHas, systemRandom } from '@bongsu/client'
import type { AccountId, ClientMessageId, RoomRights } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { answered, wishId } from '../../adapters/wishes.ts'
import { Choice } from '../../parts/choice.tsx'
import { Sheet } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { FriendPicker } from '../../parts/friend-picker.tsx'
import { paths } from '../../route.ts'
import { go } from '../../router.ts'
import { failureText } from '../../text/failure.ts'
import { useRoleTexts } from '../../text/role-texts.ts'
import { titleFault } from '../../text/faults.ts'

/** A group that host and deputies run: they invite, name it, and call everybody. */
const BY_HOSTS: RoomRights = { invite: 'deputy', rename: 'deputy', everyone: 'deputy' }

function newId(): ClientMessageId {
  return systemRandom.uuid() as ClientMessageId
}

export function NewGroup({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts()
  const roles = useRoleTexts()
  const { api } = useApp()
  const [title, setTitle] = useState('')
  const [picked, setPicked] = useState<ReadonlySet<AccountId>>(new Set())
  const [managed, setManaged] = useState<'member' | 'deputy'>('member')
  const hasRoles = serverHas(useView().replica, 'roles')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const fault = titleFault(texts, title)

  async function create(): Promise<void> {
    if (busy) return
    setBusy(true)
    setError(null)
    const wish = { title: title.trim(), accounts: [...picked].toSorted(), ...(managed === 'deputy' ? { rights: BY_HOSTS } : {}) }
    const id = wishId('group', JSON.stringify(wish), newId)
    const answer = await api.call('createGroup', { body: { id, ...wish } })
    setBusy(false)
    if (answer.ok) {
      answered('group')
      onClose()
      go(paths.room(answer.value.conversationId))
    } else setError(failureText(texts, answer, { forbidden: texts.nameReserved }))
  }

  return (
    <Sheet title={texts.newGroup} onClose={onClose} testId="new-group-sheet">
      <Field
        label={texts.groupTitle}
        hint={texts.groupTitleHint}
        value={title}
        onChange={setTitle}
        error={fault}
        data-testid="group-title"
        autoComplete="off"
      />
      <h3 className="sheet-heading">{texts.pickFriends}</h3>
      <FriendPicker picked={picked} onChange={setPicked} />
      {hasRoles && (
        <Choice
          legend={roles.groupRun}
          value={managed}
          options={(['member', 'deputy'] as const).map((role) => ({ value: role, text: roles.rightFor[role] }))}
          onChange={setManaged}
          testId="group-run"
        />
      )}
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <button
        type="button"
        className="button button-main button-wide"
        disabled={picked.size === 0 || fault !== null}
        aria-disabled={busy}
        onClick={() => void create()}
        data-testid="create-group"
      >
        {picked.size === 0 ? texts.createGroup : `${texts.createGroup} · ${texts.picked(picked.size)}`}
      </button>
    </Sheet>
  )
}
