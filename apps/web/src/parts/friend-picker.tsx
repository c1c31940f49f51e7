import { useDeferredValue, useMemo, useState } from 'react'
import { found, LIMITS, type AccountId } from '@bongsu/protocol'
import { VList } from 'virtua'
import { useView } from '../app-context.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { byName } from '../text/by-name.ts'
import { Face } from './face.tsx'
import { PersonName } from './person-name.tsx'
import { unblocked } from '../views/friends/unblocked.ts'
import { CheckIcon, CloseIcon } from './icons.tsx'
import { SearchField } from './search-field.tsx'

interface FriendPickerProps {
  readonly picked: ReadonlySet<AccountId>
  readonly onChange: (picked: ReadonlySet<AccountId>) => void
  /** Already included, so not offered. */
  readonly without?: ReadonlySet<string>
}

/** Friends to choose from, several at once. Chosen friends are shown above the list and can be removed there. */
export function FriendPicker({ picked, onChange, without }: FriendPickerProps) {
  const texts = useTexts()
  const { replica } = useView()
  const [query, setQuery] = useState('')
  const wanted = useDeferredValue(query).trim()
  const friends = useMemo(() => {
    const offered = unblocked(replica).filter((person) => without?.has(person.accountId) !== true)
    return offered.sort((a, b) => byName(a.displayName, b.displayName))
  }, [replica, without])
  const shown = wanted === '' ? friends : friends.filter((person) => found(person.displayName, wanted) || found(person.handle, wanted))

  function toggle(accountId: AccountId): void {
    const next = new Set(picked)
    if (!next.delete(accountId)) next.add(accountId)
    if (next.size <= LIMITS.inviteesPerEntryMax) onChange(next)
  }

  return (
    <div className="picker">
      <SearchField label={texts.searchNames} value={query} onChange={setQuery} testId="picker-search" />
      {picked.size > 0 && (
        <ul className="picker-chosen">
          {[...picked].map((accountId) => {
            const name = replica.friends.get(accountId)?.displayName ?? ''
            return (
              <li key={accountId}>
                <button type="button" className="chip" onClick={() => toggle(accountId)} aria-label={`${name}: ${texts.remove}`}>
                  {name}
                  <CloseIcon size={14} />
                </button>
              </li>
            )
          })}
        </ul>
      )}
      <VList className="picker-list" role="group" aria-label={texts.friends}>
        {shown.map((person) => (
          <label key={person.accountId} className="row row-person picker-row" data-testid="picker-row">
            <Face id={person.accountId} name={person.displayName} size="s" />
            <PersonName person={person} />
            <input type="checkbox" checked={picked.has(person.accountId)} onChange={() => toggle(person.accountId)} />
            <span className="picker-check">
              <CheckIcon size={16} />
            </span>
          </label>
        ))}
      </VList>
      {picked.size >= LIMITS.inviteesPerEntryMax && (
        <p className="hint" role="status">
          {texts.pickedTooMany(LIMITS.inviteesPerEntryMax)}
        </p>
      )}
    </div>
  )
}
