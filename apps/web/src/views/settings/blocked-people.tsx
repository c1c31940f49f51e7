import { useState } from 'react'
import type { Person } from '@bongsu/protocol'
import { serverHas } from '@bongsu/client'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { byName } from '../../text/by-name.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { Section } from './section.tsx'

/** Whom this account has blocked, from the account's own log: the same on all devices [B1]. */
export function BlockedPeople() {
  const texts = useTexts()
  const { api } = useApp()
  const { replica } = useView()
  const [error, setError] = useState<string | null>(null)
  if (!serverHas(replica, 'block')) return null
  const people = [...replica.blocked.values()].sort((a, b) => byName(a.displayName, b.displayName))

  async function unblock({ accountId }: Person): Promise<void> {
    const answer = await api.call('unblock', { params: { accountId } })
    setError(answer.ok ? null : failureText(texts, answer))
  }

  return (
    <Section title={texts.blockedPeople}>
      {people.length === 0 && <p className="hint">{texts.nobodyBlocked}</p>}
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <ul className="plain-list" data-testid="blocked-people">
        {people.map((person) => (
          <li key={person.accountId} className="line-item">
            <span className="row-text">
              <bdi className="row-name">{person.displayName}</bdi>
              <span className="row-last">@{person.handle}</span>
            </span>
            <button
              type="button"
              className="text-button"
              aria-label={`${isolated(person.displayName)}: ${texts.unblock}`}
              onClick={() => void unblock(person)}
              data-testid="unblock"
            >
              {texts.unblock}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}
