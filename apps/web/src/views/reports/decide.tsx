import { useId, useState } from 'react'
import { faultInText, LIMITS, type ActOfStaff, type CaseDetails, type KindOfAct } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { TextArea } from '../../parts/text-area.tsx'
import { useReportTexts } from '../../text/report-texts.ts'
import { AppealField, ForChoice, forMsOf, type Days } from '../staff/suspend-fields.tsx'

interface DecideProps {
  readonly found: CaseDetails
  readonly onDecide: (act: ActOfStaff, note: string) => Promise<void>
}

/** Each act says its consequence before it is done [B65]. */
export function Decide({ found, onDecide }: DecideProps) {
  const texts = useTexts()
  const own = useReportTexts()
  const name = useId()
  const [chosen, setChosen] = useState<ActOfStaff | null>(null)
  const [told, setTold] = useState('')
  const [appeal, setAppeal] = useState('')
  const [days, setDays] = useState<Days>(7)
  const [note, setNote] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const messages = found.kept.flatMap(({ message }) => message ?? [])
  const rooms = new Map(messages.map(({ conversationId, title }) => [conversationId, title]))
  const nameOf = (accountId: string | undefined): string =>
    found.people.find((one) => one.accountId === accountId)?.displayName ?? texts.unknownPerson
  const acts = actsIn(found)
  const isTold = chosen?.kind === 'warn' || chosen?.kind === 'suspend'

  function labelOf(act: ActOfStaff): string {
    if (act.kind !== 'remove') return own.act[act.kind].name
    const room = rooms.get(act.conversationId) || own.unknownRoom
    return found.person === null ? own.removeWhom(nameOf(act.accountId), room) : own.removeFrom(room)
  }

  /** The act with what was written. */
  function whole(act: ActOfStaff): ActOfStaff {
    if (act.kind === 'warn') return { kind: 'warn', text: told.trim() }
    return act.kind === 'suspend' ? { kind: 'suspend', forMs: forMsOf(days), reason: told.trim(), appeal: appeal.trim() } : act
  }

  function submit(): void {
    if (chosen === null || busy) return
    const fault = !isTold
      ? null
      : (faultInText(told, LIMITS.staffTextCodePointsMax) ?? (appeal.trim() === '' ? null : faultInText(appeal, LIMITS.staffTextCodePointsMax)))
    if (fault !== null) return setError(texts.refusals[fault])
    setError(null)
    setBusy(true)
    void onDecide(whole(chosen), note.trim()).finally(() => setBusy(false))
  }

  return (
    <form
      className="decide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <fieldset>
        <legend>{own.decide}</legend>
        {found.decision !== null && (
          <p className="confirm-loss" role="status">
            {own.unfinished}
          </p>
        )}
        {acts.map((each) => (
          <label key={JSON.stringify(each)} className="confirm-check">
            <input
              type="radio"
              name={name}
              checked={JSON.stringify(each) === JSON.stringify(chosen)}
              onChange={() => setChosen(each)}
              data-testid={`act-${each.kind}`}
            />
            <span>
              {labelOf(each)}
              <small>{own.act[each.kind].about}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {chosen?.kind === 'suspend' && <ForChoice value={days} onChange={setDays} />}
      {isTold && <TextArea label={own.told} value={told} onChange={setTold} hint={own.toldHint} testId="case-told" />}
      {chosen?.kind === 'suspend' && <AppealField value={appeal} onChange={setAppeal} />}
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
      {error !== null && (
        <p className="form-error" role="alert" data-testid="form-error">
          {error}
        </p>
      )}
      <button type="submit" className="button button-main" disabled={chosen === null} aria-disabled={busy} data-testid="close-case">
        {own.close[chosen?.kind ?? 'none']}
      </button>
    </form>
  )
}

/** What servers could do that do not say what one may. */
const OF_OLDER_SERVERS: readonly KindOfAct[] = ['none', 'hide', 'remove']

/** What may be decided; of a decision that is not done, only the same once more. */
function actsIn({ may, decision, person, kept }: CaseDetails): readonly ActOfStaff[] {
  if (decision?.asked !== undefined) return [decision.asked]
  const removals = new Map<string, ActOfStaff>()
  for (const { message } of kept) {
    const author = message?.entries.at(-1)?.author
    if (message?.kind !== 'group' || author === undefined) continue
    const { conversationId } = message
    const whom = person === null ? { accountId: author } : {}
    removals.set(`${conversationId} ${author}`, { kind: 'remove', conversationId, ...whom })
  }
  const all: readonly ActOfStaff[] = [
    { kind: 'none' },
    { kind: 'hide', ...(may === undefined ? {} : { upTo: Math.max(...kept.map(({ reportedAt }) => reportedAt)) }) },
    ...removals.values(),
    { kind: 'warn', text: '' },
    { kind: 'suspend', forMs: null, reason: '', appeal: '' },
  ]
  return all.filter(({ kind }) => (may ?? OF_OLDER_SERVERS).includes(kind) && (decision === null || kind === decision.act))
}
