import { useEffect, useState } from 'react'
import type { Reply } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { failureText } from '../../text/failure.ts'
import { journalText } from '../../text/journal-texts.ts'
import { stampLabel } from '../../text/time-labels.ts'
import { useStaffTexts } from '../../text/staff-texts.ts'

type Page = Reply<'readJournal'>

/** The journal, newest first [B50]. */
export function JournalSheet({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts()
  const staffTexts = useStaffTexts()
  const language = useLanguage()
  const { api } = useApp()
  const [pages, setPages] = useState<readonly Page[]>([])
  const [error, setError] = useState<string | null>(null)
  const rows = pages.flatMap((page) => page.rows)
  const names = new Map(pages.flatMap((page) => page.people).map(({ accountId, displayName }) => [accountId as string, displayName]))
  const more = pages.at(-1)?.more === true

  async function load(below?: number): Promise<void> {
    const answer = await api.call('readJournal', { query: below === undefined ? {} : { below } })
    if (answer.ok) setPages((before) => [...before, answer.value])
    else setError(failureText(texts, answer))
  }
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the first page is loaded once
  useEffect(() => void load(), [])

  const nameOf = (id: string): string =>
    id === 'operator' ? staffTexts.journalOperator : id === 'system' ? staffTexts.journalSystem : (names.get(id) ?? id)
  return (
    <Sheet title={staffTexts.staffJournal} onClose={onClose} kind="side" testId="journal">
      <div className="staff-scroll">
        {error !== null && (
          <p className="form-error" role="alert">
            {error}
          </p>
        )}
        {pages.length > 0 && rows.length === 0 && <p className="hint">{staffTexts.journalEmpty}</p>}
        <ol className="journal" data-testid="journal-rows">
          {rows.map(({ seq, at, kind, actor, accountId, details }) => (
            <li key={seq}>
              <p className="journal-what">
                <strong>{journalText(kind, language)}</strong>
                {/* A row of the beginning has no time. */}
                {at > 0 && <time dateTime={new Date(at).toISOString()}>{stampLabel(at, language)}</time>}
              </p>
              <p className="journal-who">
                <bdi>{nameOf(actor)}</bdi>
                {accountId !== null && accountId !== actor && (
                  <>
                    {' → '}
                    <bdi>{nameOf(accountId)}</bdi>
                  </>
                )}
              </p>
              {typeof details['reason'] === 'string' && (
                <p className="journal-reason" dir="auto">
                  {details['reason']}
                </p>
              )}
              {typeof details['times'] === 'number' && (
                <p className="journal-reason">
                  {details['times']} × {details['address'] ?? ''}
                </p>
              )}
            </li>
          ))}
        </ol>
        {more && (
          <button type="button" className="button button-quiet button-wide" onClick={() => void load(rows.at(-1)?.seq)} data-testid="journal-more">
            {staffTexts.journalMore}
          </button>
        )}
      </div>
    </Sheet>
  )
}
