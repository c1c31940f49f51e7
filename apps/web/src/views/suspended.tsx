import { useEffect, useState } from 'react'
import type { Suspension } from '@bongsu/protocol'
import { useApp, useView } from '../app-context.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { BeaconMark } from '../parts/icons.tsx'
import { createSpacedTries } from '../parts/spaced-tries.ts'
import { SuspensionTold } from '../parts/suspension-told.tsx'
import { useSuspensionTexts } from '../text/suspension-texts.ts'

/** Longest time that a timer of a browser waits. */
const timerMsMax = 2_147_483_647
/** Least time between two tries to connect that the screen makes by itself: a server process may learn a heartbeat late that a suspension has ended [B82]. */
const againMs = 10_000
const tries = createSpacedTries(againMs, () => performance.now())

/** The whole screen of a suspended account: what it is, and what becomes of unsent texts [B55]. */
export function Suspended() {
  const texts = useTexts()
  const told = useSuspensionTexts()
  const { api, device, signOut } = useApp()
  const { connection, outbox } = useView()
  const isRefused = connection.state === 'signed-out'
  const [suspension, setSuspension] = useState<Suspension | null>(null)
  const unsent = outbox.filter(({ progress }) => progress !== 'sent').length

  useEffect(() => {
    if (!isRefused) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    // Every answer to a suspended account tells of the suspension.
    void api.call('listDevices').then((answer) => {
      if (gone) return
      if (!answer.ok && answer.refusal.suspension !== undefined) return setSuspension(answer.refusal.suspension)
      if (!answer.ok && answer.offline === true) return
      timer = setTimeout(() => {
        tries.tried()
        device.wake()
      }, tries.waitMs())
    })
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [api, device, isRefused])

  const until = suspension?.until ?? null
  useEffect(() => {
    if (until === null) return
    const timer = setTimeout(() => device.wake(), Math.min(timerMsMax, Math.max(1_000, until - Date.now() + 1_000)))
    return () => clearTimeout(timer)
  }, [until, device])

  return (
    <main className="whole-screen" data-testid="suspended">
      <div className="suspended-card">
        <BeaconMark size={56} />
        <h1>{told.suspendedTitle}</h1>
        {suspension !== null && <SuspensionTold suspension={suspension} />}
        {unsent > 0 && <p className="hint">{told.suspendedUnsent(unsent)}</p>}
        <div className="suspended-acts">
          <button type="button" className="button button-soft" onClick={() => device.wake()} data-testid="suspended-again">
            {told.suspendedAgain}
          </button>
          {unsent === 0 && (
            <button type="button" className="text-button" onClick={() => void signOut()}>
              {texts.signOut}
            </button>
          )}
        </div>
      </div>
    </main>
  )
}
