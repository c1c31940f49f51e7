import { useId, useState } from 'react'
import { LIMITS, type ActOfStaff, type CaseDetails } from '@bongsu/protocol'
import { useReportTexts } from '../../text/report-texts.ts'

interface DecideProps {
  readonly found: CaseDetails
  readonly onDecide: (act: ActOfStaff, note: string) => Promise<void>
}

/** Each act says its consequence before it is done [B65]. */
export function Decide({ found, onDecide }: DecideProps) {
  const own = useReportTexts()
  const name = useId()
  const [act, setAct] = useState<ActOfStaff | null>(null)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const unfinished = found.decision !== null
  const messages = found.kept.flatMap(({ message }) => message ?? [])
  const groups = new Map(messages.filter(({ kind }) => kind === 'group').map((message) => [message.conversationId, message.title]))
  const all: readonly ActOfStaff[] = [
    { kind: 'none' },
    ...(messages.length === 0 ? [] : [{ kind: 'hide' } as const]),
    ...(found.person === null ? [] : [...groups.keys()].map((conversationId) => ({ kind: 'remove', conversationId }) as const)),
  ]
  const acts = all.filter(({ kind }) => !unfinished || kind === found.decision?.act)
  return (
    <form
      className="decide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (act === null || busy) return
        setBusy(true)
        void onDecide(act, note.trim()).finally(() => setBusy(false))
      }}
    >
      <fieldset>
        <legend>{own.decide}</legend>
        {unfinished && (
          <p className="confirm-loss" role="status">
            {own.unfinished}
          </p>
        )}
        {acts.map((each) => (
          <label key={JSON.stringify(each)} className="confirm-check">
            <input
              type="radio"
              name={name}
              checked={JSON.stringify(each) === JSON.stringify(act)}
              onChange={() => setAct(each)}
              data-testid={`act-${each.kind}`}
            />
            <span>
              {each.kind === 'remove' ? own.removeFrom(groups.get(each.conversationId) || own.unknownRoom) : own.act[each.kind].name}
              <small>{own.act[each.kind].about}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="report-text">
        <span>{own.note}</span>
        <textarea
          rows={2}
          value={note}
          maxLength={LIMITS.reportTextCodePointsMax}
          onChange={(event) => setNote(event.target.value)}
          data-testid="case-note"
        />
      </label>
      <button type="submit" className="button button-main" disabled={act === null} aria-disabled={busy} data-testid="close-case">
        {own.close[act?.kind ?? 'none']}
      </button>
    </form>
  )
}
