import { useEffect, useState } from 'react'
import type { Connection } from '@bongsu/client'
import { useApp, useView } from '../app-context.ts'
import { openAnew } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { keepLetters } from '../adapters/typeface.ts'
import { inWords } from '../text/countdown.ts'
import type { Texts } from '../text/texts.ts'
import { HistoryNotice } from './history-notice.tsx'
import { useSecondsTo } from './use-seconds-to.ts'

/** Shorter breaks are none of a person's business. */
const patienceMs = 2_000
/** Nor is what lies between one try and the next, when it is over before it can be read. */
const passingMs = 800

function sentence(texts: Texts, connection: Connection): string {
  switch (connection.state) {
    case 'offline':
      return texts.connOffline
    case 'connecting':
      return texts.connConnecting
    case 'waiting':
      return connection.directed ? texts.connTurn : texts.connWaiting
    case 'catching-up':
      return texts.connCatchingUp
    case 'signed-out':
      return texts.connSignedOut
    case 'outdated':
      return texts.connOutdated
    case 'live':
      return ''
  }
}

/** What is said while nothing can be fetched. */
function troubleWords(texts: Texts): string {
  const { connOffline, connConnecting, connWaiting, connTurn, connNow, connRetryNow, connCatchingUp, waiting, sending, failed } = texts
  const counted = [texts.connRetryIn(1), texts.connTurnIn(1), texts.connTurnInMinutes(1)]
  return [connOffline, connConnecting, connWaiting, connTurn, connNow, connRetryNow, connCatchingUp, waiting, sending, failed, ...counted].join('')
}

/** True once it has been so for `patienceMs` without a break. */
function useLasting(now: boolean): boolean {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!now) {
      setLasting(false)
      return
    }
    const timer = setTimeout(() => setLasting(true), patienceMs)
    return () => clearTimeout(timer)
  }, [now])
  return now && lasting
}

/** What is said of the connection: what passes at once is not, or the line would flicker from sentence to sentence. */
function useSaid(now: Connection): Connection {
  const [said, setSaid] = useState(now)
  const passing = now.state === 'connecting' || now.state === 'catching-up'
  useEffect(() => {
    if (!passing) {
      setSaid(now)
      return
    }
    const timer = setTimeout(() => setSaid(now), passingMs)
    return () => clearTimeout(timer)
  }, [now, passing])
  return passing ? said : now
}

/** One warm line: what happened, what is safe, what comes next [C3]. Nothing when all is well. */
export function ConnectionLine() {
  const texts = useTexts()
  const { device, signInAgain } = useApp()
  const { connection: now, outbox, loaded, storageFailed } = useView()
  const connection = useSaid(now)
  const { state } = connection
  const unsent = outbox.filter(({ progress }) => progress !== 'sent').length
  const final = state === 'signed-out' || state === 'outdated'
  const lasting = useLasting(loaded && (now.state !== 'live' || storageFailed))
  const seconds = useSecondsTo(connection.state === 'waiting' ? connection.retryAt : null)
  const directed = connection.state === 'waiting' && connection.directed
  const shown = final || lasting
  const reached = now.state === 'live'
  useEffect(() => {
    if (reached) keepLetters(troubleWords(texts))
  }, [reached, texts])
  return (
    <div role="status" className="connection-place">
      {shown && (
        <div className="connection-line" data-testid="connection-line" data-state={state}>
          <span className="connection-dot" aria-hidden="true" />
          <p>
            {state === 'live' ? texts.connStorage : sentence(texts, connection)}{' '}
            {state === 'signed-out' && unsent > 0 && texts.signedOutUnsent(unsent)}
          </p>
          {state === 'waiting' && (
            <span className="connection-tail">
              {/* A number that changes each second is for eyes only. */}
              <span className="connection-next" aria-hidden="true">
                {seconds === 0
                  ? texts.connNow
                  : directed
                    ? inWords(seconds, { seconds: texts.connTurnIn, minutes: texts.connTurnInMinutes })
                    : texts.connRetryIn(seconds)}
              </span>
              {/* The turn does not come sooner for being asked for. */}
              {!directed && (
                <button type="button" className="text-button" onClick={() => device.wake()} data-testid="retry-now">
                  {texts.connRetryNow}
                </button>
              )}
            </span>
          )}
          {state === 'signed-out' && (
            <button type="button" className="text-button" onClick={() => void signInAgain()} data-testid="sign-in-again">
              {texts.connSignInAgain}
            </button>
          )}
          {state === 'outdated' && (
            <button type="button" className="text-button" onClick={() => void openAnew()}>
              {texts.connReload}
            </button>
          )}
        </div>
      )}
      {state === 'live' && <HistoryNotice />}
    </div>
  )
}
