import { useCallback, useEffect, useId, useState } from 'react'
import type { ActOfStaff, CaseDetails, Entry } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { wordsOf } from '../../kinds/kinds.ts'
import { Face, TitleFace } from '../../parts/face.tsx'
import { AlertIcon, BackIcon, CheckIcon } from '../../parts/icons.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { toast } from '../../parts/toast.tsx'
import { paths } from '../../route.ts'
import { replace } from '../../router.ts'
import { failureText } from '../../text/failure.ts'
import { useReportTexts } from '../../text/report-texts.ts'
import { clockLabel, stampLabel } from '../../text/time-labels.ts'
import { caseName } from './case-name.ts'
import { Decide } from './decide.tsx'

interface CaseCardProps {
  readonly caseId: string
  /** On a phone the card has the whole screen. */
  readonly hasBack: boolean
  readonly onDecided: () => Promise<void>
}

/** One case: whom it is about, what was reported, and what can be done [B62]. */
export function CaseCard({ caseId, hasBack, onDecided }: CaseCardProps) {
  const texts = useTexts()
  const own = useReportTexts()
  const language = useLanguage()
  const { api } = useApp()
  const [found, setFound] = useState<CaseDetails | null>(null)
  const [error, setError] = useState<string | null>(null)

  const load = useCallback(async (): Promise<void> => {
    const answer = await api.call('readCase', { params: { caseId } })
    if (answer.ok) setFound(answer.value)
    else setError(failureText(texts, answer))
  }, [api, caseId, texts])
  useEffect(() => void load(), [load])

  async function decide(act: ActOfStaff, note: string): Promise<void> {
    const answer = await api.call('closeCase', { params: { caseId }, body: { act, ...(note === '' ? {} : { note }) } })
    if (!answer.ok) {
      setError(failureText(texts, answer))
      if (answer.refusal.code === 'case-closed') await load()
      return
    }
    toast(own.closed)
    replace(paths.reports)
    await onDecided()
  }

  // Reports of messages in a reported group are those of other cases [B81].
  const keptOfCase = found?.kept.filter(({ message }) => found.room === null || message === null).length ?? 0
  const onlyCounted = (found?.reporters ?? 0) > keptOfCase
  const title = found?.reasons.map(({ reason }) => own.reason[reason]).join(', ')
  return (
    <article className="card case-card" data-testid="case-card">
      {hasBack && (
        <a className="text-button case-back" href={paths.reports} data-testid="case-back">
          <BackIcon size={20} />
          {own.back}
        </a>
      )}
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {found !== null && (
        <>
          <header>
            <h2>{title}</h2>
            <p className="hint">
              {own.reporters(found.reporters)} · {own.first(stampLabel(found.openedAt, language))}
            </p>
          </header>
          <div className="case-who">
            {found.person === null ? (
              <TitleFace id={found.room?.conversationId ?? ''} title={caseName(found, own.unknownRoom)} />
            ) : (
              <Face id={found.person.accountId} name={found.person.displayName} />
            )}
            <span className="row-text">
              {found.person === null ? <bdi className="row-name">{caseName(found, own.unknownRoom)}</bdi> : <PersonName person={found.person} />}
              <span className="row-last">{own.earlier(found.earlier)}</span>
            </span>
          </div>
          {found.kept.map((each, index) => (
            <Kept key={index} kept={each} people={found.people} />
          ))}
          {onlyCounted && <p className="hint">{own.onlyCounted}</p>}
          <p className="hint">{own.onlyCopied}</p>
          {found.decision === null || !found.decision.done ? (
            <Decide found={found} onDecide={decide} />
          ) : (
            <p className="case-decision" data-testid="case-decision">
              {own.decision(
                actName(own.act, found.decision.act),
                found.decision.by?.displayName ?? own.operator,
                stampLabel(found.decision.at, language),
              )}
              <Told decision={found.decision} />
              {found.decision.note !== '' && <span>{found.decision.note}</span>}
            </p>
          )}
        </>
      )}
    </article>
  )
}

/** What a warned or suspended person was told. */
function Told({ decision: { asked, at } }: { readonly decision: NonNullable<CaseDetails['decision']> }) {
  const own = useReportTexts()
  const language = useLanguage()
  if (asked?.kind === 'warn') return <span dir="auto">{asked.text}</span>
  if (asked?.kind !== 'suspend') return null
  const time = asked.forMs === null ? own.suspendedForGood : own.suspendedUntil(stampLabel(at + asked.forMs, language))
  return (
    <span dir="auto">
      {time} · {asked.reason}
    </span>
  )
}

/** An act of a newer server is shown by its name on the wire [W3]. */
function actName(acts: Readonly<Record<string, { readonly name: string }>>, act: string): string {
  return Object.hasOwn(acts, act) ? (acts[act]?.name ?? act) : act
}

/** One report: its reason, its text, and the copied messages with the reported one marked. */
function Kept({ kept, people }: { readonly kept: CaseDetails['kept'][number]; readonly people: CaseDetails['people'] }) {
  const own = useReportTexts()
  const texts = useTexts()
  const language = useLanguage()
  const heading = useId()
  const { message } = kept
  const nameOf = (accountId: string): string | null => people.find((person) => person.accountId === accountId)?.displayName ?? null
  const words = (entry: Entry): string => wordsOf(entry, { language, nameOf, room: message?.kind ?? 'group' })
  return (
    <section className="kept" aria-labelledby={heading}>
      <h3 id={heading}>
        {own.reason[kept.reason]} <span>{own.reported(stampLabel(kept.reportedAt, language))}</span>
      </h3>
      {kept.text !== '' && <blockquote>{kept.text}</blockquote>}
      {message === null ? (
        <p className="hint">{own.noMessage}</p>
      ) : (
        <>
          <ol className="copied" data-testid="copied">
            {message.entries.map((entry) => (
              <li key={entry.seq} className={entry.seq === message.seq ? 'copied-reported' : undefined}>
                <b>
                  <bdi>{nameOf(entry.author) ?? texts.unknownPerson}</bdi>
                </b>
                <time dateTime={new Date(entry.acceptedAt).toISOString()}>{clockLabel(entry.acceptedAt, language)}</time>
                <p>{words(entry)}</p>
              </li>
            ))}
          </ol>
          <p className={message.intact ? 'seal' : 'seal seal-broken'} role={message.intact ? undefined : 'alert'}>
            {message.intact ? <CheckIcon size={16} /> : <AlertIcon size={16} />}
            <span>
              <bdi>{message.title === '' ? own.where[message.kind] : message.title}</bdi> · {message.intact ? own.intact : own.changed}
            </span>
          </p>
        </>
      )}
    </section>
  )
}
