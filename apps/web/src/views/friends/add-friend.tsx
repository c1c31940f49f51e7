import { useState, type FormEvent } from 'react'
import { serverHas } from '@bongsu/client'
import type { Person } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { Field } from '../../parts/field.tsx'
import { MyLink } from '../../parts/my-link.tsx'
import { toast } from '../../parts/toast.tsx'
import { useAddedTexts } from '../../text/added-texts.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { handleFault } from '../../text/faults.ts'
import { useEffectOnce } from '../../parts/use-effect-once.ts'

export function AddFriend({ handle: given, onClose }: { readonly handle: string; readonly onClose: () => void }) {
  const texts = useTexts()
  const words = useAddedTexts()
  const { api, device, accountId: me } = useApp()
  const { replica } = useView()
  const [handle, setHandle] = useState(given)
  const [error, setError] = useState<string | null>(null)
  const [person, setPerson] = useState<Person | null>(null)
  const [busy, setBusy] = useState(false)

  // A button that is disabled while focused loses the focus, so a busy one only says that it is busy.
  async function find(): Promise<void> {
    // People write the sign that stands before handles, and capitals at the beginning of a line.
    const wanted = handle.trim().replace(/^@/, '').toLowerCase()
    const fault = handleFault(texts, wanted)
    setError(fault)
    setPerson(null)
    if (fault !== null || busy) return
    setBusy(true)
    const answer = await api.call('lookUpHandle', { body: { handle: wanted } })
    setBusy(false)
    if (answer.ok) setPerson(answer.value)
    else setError(failureText(texts, answer, { 'not-found': texts.noSuchHandle }))
  }

  async function add(wanted: Person): Promise<void> {
    if (busy) return
    setBusy(true)
    const answer = await api.call('addFriend', { params: { accountId: wanted.accountId } })
    setBusy(false)
    if (!answer.ok) {
      setError(failureText(texts, answer))
      return
    }
    device.putPeople([answer.value])
    toast(texts.friendAdded(isolated(wanted.displayName)))
    onClose()
  }

  useEffectOnce(() => {
    if (given !== '') void find()
  })

  const known = person === null ? null : person.accountId === me ? texts.thatIsMe : replica.friends.has(person.accountId) ? texts.alreadyFriend : null
  return (
    <Sheet title={texts.addFriend} onClose={onClose} testId="add-friend-sheet">
      <p className="hint">{texts.addFriendAbout}</p>
      <form
        className="inline-form"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          void find()
        }}
      >
        <Field
          label={texts.findByHandle}
          value={handle}
          onChange={setHandle}
          error={error}
          autoFocus
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          data-testid="friend-handle"
        />
        <button type="submit" className="button button-soft" aria-disabled={busy} data-testid="find-friend">
          {texts.find}
        </button>
      </form>
      {person !== null && (
        <div className="found-person">
          <Face id={person.accountId} name={person.displayName} />
          <span className="row-text">
            <PersonName person={person} />
            <span className="row-last">{known ?? `@${person.handle}`}</span>
          </span>
          {known === null && (
            <button
              type="button"
              className="button button-main"
              aria-disabled={busy}
              onClick={() => void add(person)}
              data-testid="confirm-add-friend"
            >
              {texts.addFriend}
            </button>
          )}
        </div>
      )}
      {person !== null && known === null && serverHas(replica, 'added') && <p className="hint">{words.tells}</p>}
      {replica.profile !== null && (
        <details className="fold">
          <summary>{texts.myLink}</summary>
          <MyLink handle={replica.profile.handle} />
        </details>
      )}
    </Sheet>
  )
}
