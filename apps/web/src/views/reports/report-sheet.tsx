import { useId, useState } from 'react'
import { chanceId } from '@bongsu/client'
import { LIMITS, REPORT_REASONS, type ClientMessageId, type Reported, type ReportReason } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { failureText } from '../../text/failure.ts'
import { useReportTexts } from '../../text/report-texts.ts'
import './reports.css'

interface ReportSheetProps {
  readonly reported: Reported
  /** Whose, or of what. */
  readonly name: string
  /** The words of a message. */
  readonly words?: string
  readonly onClose: () => void
}

/** Reports a message, a person or a group, and says before what staff will see [B60, B62]. */
export function ReportSheet({ reported, name, words, onClose }: ReportSheetProps) {
  const texts = useTexts()
  const own = useReportTexts()
  const { api } = useApp()
  const radios = useId()
  // The same for each try, so that a lost answer makes no second report.
  const [id] = useState(() => chanceId() as ClientMessageId)
  const [reason, setReason] = useState<ReportReason | null>(null)
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const { kind } = reported

  async function send(): Promise<void> {
    if (reason === null || busy) return
    setBusy(true)
    const written = text.trim()
    const answer = await api.call('report', { body: { id, reported, reason, ...(written === '' ? {} : { text: written }) } })
    setBusy(false)
    if (!answer.ok) return setError(failureText(texts, answer, { 'subject-gone': own.gone }))
    toast(own.sent)
    onClose()
  }

  return (
    <Sheet title={own.reportWhat[kind]} onClose={onClose} testId="report-sheet">
      <div className="report-about">
        <b>
          <bdi>{name}</bdi>
        </b>
        {words !== undefined && <p>{words}</p>}
      </div>
      <form
        className="stack report-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <fieldset className="report-reasons">
          <legend>{own.why}</legend>
          {REPORT_REASONS.map((each) => (
            <label key={each} className="confirm-check">
              <input type="radio" name={radios} checked={each === reason} onChange={() => setReason(each)} data-testid={`reason-${each}`} />
              <span>{own.reason[each]}</span>
            </label>
          ))}
        </fieldset>
        <label className="report-text">
          <span>{own.more}</span>
          <textarea
            rows={2}
            value={text}
            maxLength={LIMITS.reportTextCodePointsMax}
            onChange={(event) => setText(event.target.value)}
            data-testid="report-text"
          />
        </label>
        <div className="report-shown">
          <b>{own.shownTitle}</b>
          <p>{kind === 'message' ? own.shown.message(LIMITS.reportedBeforeMax) : own.shown[kind]}</p>
          <p>{own.untold}</p>
        </div>
        {error !== null && (
          <p className="form-error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" className="button button-main button-wide" disabled={reason === null} aria-disabled={busy} data-testid="send-report">
          {own.send}
        </button>
      </form>
    </Sheet>
  )
}
