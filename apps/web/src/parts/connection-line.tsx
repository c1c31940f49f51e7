import { useEffect, useState } from 'react'
import type { Connection } from '@bongsu/client'
import { useApp, useView } from '../app-context.ts'
import { useStatusBanner } from '../adapters/status.ts'
import type { Banner } from '../status/read-status.ts'
import { openAnew } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { keepLetters } from '../adapters/typeface.ts'
import { inWords } from '../text/countdown.ts'
import type { Texts } from '../text/texts.ts'
import { HistoryNotice } from './history-notice.tsx'
import { useSecondsTo } from './use-seconds-to.ts'

/** Shorter breaks are not shown. */
const patienceMs = 2_000
/** Time after a start until the letters of trouble are loaded: the start itself comes first. */
const lettersMs = 1_500
/** States shorter than this are not shown: they could not be read. */
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

/** The sentences shown while nothing can be loaded. */
function troubleWords(texts: Texts): string {
  const { connOffline, connConnecting, connWaiting, connTurn, connNow, connRetryNow, connCatchingUp, waiting, sending, failed } = texts
  const counted = [texts.connRetryIn(1), texts.connTurnIn(1), texts.connTurnInMinutes(1)]
  return [connOffline, connConnecting, connWaiting, connTurn, connNow, connRetryNow, connCatchingUp, waiting, sending, failed, ...counted].join('')
}

/** True once `now` has been true for `patienceMs` without a break. */
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

/** The shown state of the connection. It skips passing states, so that the line does not flicker. */
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

/** The sentinel's banner, unless this device has no network: it could not be checked, and its link would lead nowhere [C16]. */
export function useShownBanner(): Banner | null {
  const banner = useStatusBanner()
  const { connection } = useView()
  return connection.state === 'offline' ? null : banner
}

/**
 * One calm line: what happened, what is safe, what comes next [C3]. Nothing when all is well. While there is a banner, the line is part of it.
 */
export function ConnectionLine({ inBanner = false }: { readonly inBanner?: boolean }) {
  const hasBanner = useShownBanner() !== null
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
  const shown = (final || lasting) && hasBanner === inBanner
  const reached = now.state === 'live'
  useEffect(() => {
    if (!reached) return
    const timer = setTimeout(() => keepLetters(troubleWords(texts)), lettersMs)
    return () => clearTimeout(timer)
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
              {/** A number that changes each second is hidden from screen readers. */}
              <span className="connection-next" aria-hidden="true">
                {seconds === 0
                  ? texts.connNow
                  : directed
                    ? inWords(seconds, { seconds: texts.connTurnIn, minutes: texts.connTurnInMinutes })
                    : texts.connRetryIn(seconds)}
              </span>
              {/** Asking does not bring the turn sooner. */}
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
      {state === 'live' && !inBanner && <HistoryNotice />}
    </div>
  )
}
