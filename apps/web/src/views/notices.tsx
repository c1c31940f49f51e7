import { useState } from 'react'
import { useApp, useView } from '../app-context.ts'
import { useLanguage, useTexts } from '../adapters/settings-store.ts'
import { Sheet } from '../parts/dialog.tsx'
import { failureText } from '../text/failure.ts'
import { stampLabel } from '../text/time-labels.ts'
import { useSuspensionTexts } from '../text/suspension-texts.ts'

/** The oldest warning, or word about a report, that was not put away yet [B57, B80]. Closed without being confirmed, it comes again with the next start. */
export function Notices() {
  const texts = useTexts()
  const told = useSuspensionTexts()
  const language = useLanguage()
  const { api } = useApp()
  const { notices } = useView().replica
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [error, setError] = useState<string | null>(null)
  const [first] = [...notices].filter(([id]) => !closed.has(id)).toSorted(([, one], [, other]) => one.at - other.at)
  if (first === undefined) return null
  const [id, { at, text, report }] = first

  const close = (): void => {
    setError(null)
    setClosed(new Set(closed).add(id))
  }

  async function putAway(): Promise<void> {
    const answer = await api.call('putAwayNotice', { params: { noticeId: id } })
    if (answer.ok) close()
    else setError(failureText(texts, answer))
  }

  return (
    <Sheet title={report === undefined ? told.noticeTitle : told.reportTitle} onClose={close} testId="notice">
      <p className="notice-text" dir="auto">
        {report === undefined ? text : told.report[report]}
      </p>
      <p className="hint">{stampLabel(at, language)}</p>
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <button type="button" className="button button-soft button-wide" onClick={() => void putAway()} data-testid="notice-read">
        {told.noticeRead}
      </button>
    </Sheet>
  )
}
