import { useEffect, useState } from 'react'
import { addedBy } from '@bongsu/client'
import type { AccountId, Person } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { CloseIcon } from '../../parts/icons.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { toast } from '../../parts/toast.tsx'
import { useAddedTexts } from '../../text/added-texts.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { Profile } from './profile.tsx'

/** Who has added this account as a friend [B45]. A person's profile has what else can be done about them. The sheet closes with the last one. */
export function AddedBy({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts()
  const words = useAddedTexts()
  const { api, device } = useApp()
  const { replica } = useView()
  const [shown, setShown] = useState<Person | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState<AccountId | null>(null)
  const people = addedBy(replica).map(({ from }) => replica.people.get(from.accountId) ?? from)
  useEffect(() => {
    if (people.length === 0 && shown === null) onClose()
  }, [people.length, shown, onClose])

  async function act(person: Person, name: 'addFriend' | 'putAwayAdded'): Promise<void> {
    if (busy !== null) return
    setBusy(person.accountId)
    const answer = await api.call(name, { params: { accountId: person.accountId } })
    setBusy(null)
    setError(answer.ok ? null : failureText(texts, answer))
    if (!answer.ok || name === 'putAwayAdded') return
    device.putPeople([person])
    toast(texts.friendAdded(isolated(person.displayName)))
  }

  if (shown !== null) return <Profile person={shown} onClose={() => setShown(null)} />
  return (
    <Sheet title={words.added} onClose={onClose} testId="added-sheet">
      <p className="hint">{words.addedAbout}</p>
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <ul className="plain-list added-rows">
        {people.map((person) => (
          <li key={person.accountId} className="added-row" data-testid="added-row">
            <button type="button" className="row row-person" onClick={() => setShown(person)}>
              <Face id={person.accountId} name={person.displayName} />
              <span className="row-text">
                <PersonName person={person} />
                <span className="row-last">@{person.handle}</span>
              </span>
            </button>
            <button
              type="button"
              className="button button-soft"
              aria-disabled={busy !== null}
              aria-label={words.addBackOf(isolated(person.displayName))}
              onClick={() => void act(person, 'addFriend')}
              data-testid="add-back"
            >
              {words.addBack}
            </button>
            <button
              type="button"
              className="icon-button"
              aria-disabled={busy !== null}
              aria-label={words.putAway(isolated(person.displayName))}
              title={words.putAway(isolated(person.displayName))}
              onClick={() => void act(person, 'putAwayAdded')}
              data-testid="put-away-added"
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
