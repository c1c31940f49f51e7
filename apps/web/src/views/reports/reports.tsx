import { useCallback, useEffect, useRef, useState } from 'react'
import type { ReportCase } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { ConnectionLine } from '../../parts/connection-line.tsx'
import { Empty } from '../../parts/empty.tsx'
import { useMedia, wideQuery } from '../../parts/use-media.ts'
import { paths } from '../../route.ts'
import { failureText } from '../../text/failure.ts'
import { useReportTexts } from '../../text/report-texts.ts'
import { listLabel } from '../../text/time-labels.ts'
import { CaseCard } from './case-card.tsx'
import { caseName } from './case-name.ts'
import { tellOpenCases } from './open-cases.ts'
import './reports.css'

/** The queue of staff: cases on the left, one of them on the right; on a phone one after the other [B63-B65]. */
export function Reports({ caseId }: { readonly caseId: string | null }) {
  const texts = useTexts()
  const own = useReportTexts()
  const { api } = useApp()
  const wide = useMedia(wideQuery)
  const [isDecided, setDecided] = useState(false)
  const [cases, setCases] = useState<readonly ReportCase[] | null>(null)
  const [isMore, setMore] = useState(false)
  const [count, setCount] = useState(0)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  /** The newest question: answers to earlier ones come too late. */
  const asked = useRef(0)

  /** @param after the last case that is shown; the first page when left out. */
  const load = useCallback(
    async (after?: string): Promise<void> => {
      const question = ++asked.current
      setBusy(true)
      const answer = await api.call('listCases', { query: { ...(isDecided ? { decided: true } : {}), ...(after === undefined ? {} : { after }) } })
      if (question !== asked.current) return
      setBusy(false)
      if (!answer.ok) return setError(failureText(texts, answer))
      const { cases: page, open, more } = answer.value
      setError(null)
      setCases((before) => (after === undefined || before === null ? page : [...before, ...page]))
      setMore(more)
      setCount(open)
      tellOpenCases(open)
    },
    [api, isDecided, texts],
  )
  useEffect(() => void load(), [load])

  const list = (
    <section className="reports-list" aria-label={texts.reports}>
      <h1 tabIndex={-1}>{texts.reports}</h1>
      <p className="hint">{texts.reportsWaiting(count)}</p>
      <div className="reactor-tabs" role="group" aria-label={texts.reports}>
        {([false, true] as const).map((decided) => (
          <button
            key={String(decided)}
            type="button"
            className="reaction"
            aria-pressed={decided === isDecided}
            onClick={() => {
              setCases(null)
              setDecided(decided)
            }}
            data-testid={decided ? 'cases-decided' : 'cases-open'}
          >
            {decided ? own.decided : own.open}
          </button>
        ))}
      </div>
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {cases !== null && cases.length === 0 && (
        <Empty title={isDecided ? own.nothingDecided : own.nothingOpen} {...(isDecided ? {} : { about: own.nothingOpenAbout })} />
      )}
      {cases !== null && cases.length > 0 && (
        <ul className="card cases" data-testid="cases">
          {cases.map((each) => (
            <li key={each.caseId}>
              <CaseRow found={each} isChosen={each.caseId === caseId} />
            </li>
          ))}
        </ul>
      )}
      {isMore && cases !== null && (
        <button
          type="button"
          className="button button-quiet button-wide"
          aria-disabled={busy}
          onClick={() => !busy && void load(cases.at(-1)?.caseId)}
          data-testid="cases-more"
        >
          {own.moreCases}
        </button>
      )}
    </section>
  )
  const card = caseId === null ? null : <CaseCard key={caseId} caseId={caseId} hasBack={!wide} onDecided={load} />
  return (
    <div className="reports" data-testid="reports">
      <div className="reports-columns">
        {(wide || card === null) && list}
        {wide && card === null && cases !== null && cases.length > 0 && <Empty title={own.pick} />}
        {card}
      </div>
      <ConnectionLine />
    </div>
  )
}

function CaseRow({ found, isChosen }: { readonly found: ReportCase; readonly isChosen: boolean }) {
  const own = useReportTexts()
  const language = useLanguage()
  return (
    <a className="case-row" href={paths.reportCase(found.caseId)} aria-current={isChosen ? 'true' : undefined} data-testid="case">
      <b>{found.reasons[0] === undefined ? own.reason.other : own.reason[found.reasons[0].reason]}</b>
      <time dateTime={new Date(found.reportedAt).toISOString()}>{listLabel(found.reportedAt, Date.now(), language)}</time>
      <span>
        <bdi>{caseName(found, own.unknownRoom)}</bdi> · {own.reporters(found.reporters)}
      </span>
    </a>
  )
}
