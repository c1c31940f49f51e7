import { useEffect, useState } from 'react'
import type { Connection } from '@bongsu/client'
import { useApp, useView } from '../app-context.ts'
import { openAnew } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'
import type { Texts } from '../text/texts.ts'
import { HistoryNotice } from './history-notice.tsx'

/** Shorter breaks are none of a person's business. */
const patienceMs = 2_000

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

function useSecondsTo(time: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (time === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [time])
  return time === null ? 0 : Math.max(0, Math.ceil((time - now) / 1_000))
}

/** One warm line: what happened, what is safe, what comes next [C3]. Nothing when all is well. */
export function ConnectionLine() {
  const texts = useTexts()
  const { device, signInAgain } = useApp()
  const { connection, outbox, loaded, storageFailed } = useView()
  const { state } = connection
  const final = state === 'signed-out' || state === 'outdated'
  const lasting = useLasting(loaded && (state !== 'live' || storageFailed))
  const seconds = useSecondsTo(connection.state === 'waiting' ? connection.retryAt : null)
  const directed = connection.state === 'waiting' && connection.directed
  const shown = final || lasting
  return (
    <div role="status" className="connection-place">
      {shown && (
        <div className="connection-line" data-testid="connection-line" data-state={state}>
          <span className="connection-dot" aria-hidden="true" />
          <p>
            {state === 'live' ? texts.connStorage : sentence(texts, connection)}{' '}
            {state === 'signed-out' && outbox.length > 0 && texts.signedOutUnsent(outbox.length)}
          </p>
          {state === 'waiting' && (
            <span className="connection-tail">
              {/* A number that changes each second is for eyes only. */}
              {seconds > 0 && (
                <span className="connection-next" aria-hidden="true">
                  {directed ? texts.connTurnIn(seconds) : texts.connRetryIn(seconds)}
                </span>
              )}
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
