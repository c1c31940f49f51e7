import { useEffect, useLayoutEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { AppContext, useView } from './app-context.ts'
import { keepInvite, keptInvite } from './adapters/invite-store.ts'
import { dropLastList, forgetLastList } from './adapters/last-list.ts'
import { useTexts } from './adapters/settings-store.ts'
import { useStatusBanner } from './adapters/status.ts'
import { ConnectionLine, useShownBanner } from './parts/connection-line.tsx'
import { Empty } from './parts/empty.tsx'
import { BeaconMark } from './parts/icons.tsx'
import { later } from './parts/later.tsx'
import { StatusBanner } from './parts/status-banner.tsx'
import { toast } from './parts/toast.tsx'
import { parseRoute } from './route.ts'
import type { SessionHost } from './session-host.ts'
import { Shell } from './views/shell.tsx'
import { Welcome, type Invited } from './views/welcome/welcome.tsx'

const Suspended = later(async () => (await import('./views/suspended.tsx')).Suspended)

/**
 * Reads an invite from the address and removes it: a code must not stay in the history of a shared computer. The code is kept on this device instead,
 * because a phone may throw the page away before it is used [C8].
 */
function takeInvite(): Invited | null {
  const route = parseRoute(location.hash)
  if (route.at !== 'invite') return null
  // The step stays known to the router.
  history.replaceState(history.state, '', location.pathname)
  if (route.code !== null) keepInvite(route.code)
  return { code: route.code }
}

// Once, when the program loads.
const linkAtStart = takeInvite()
const keptAtStart = keptInvite()
const inviteAtStart = linkAtStart ?? (keptAtStart === null ? null : { code: keptAtStart })

export function Root({ host }: { readonly host: SessionHost }) {
  const texts = useTexts()
  const phase = useSyncExternalStore(host.subscribe, host.phase)
  const [invited, setInvited] = useState(inviteAtStart)
  const [link, setLink] = useState(linkAtStart)

  // Before the next frame, so that one list replaces the other.
  useLayoutEffect(() => {
    if (phase.at !== 'opening') dropLastList()
    // After the part that could store it once more is gone.
    if (phase.at === 'out') forgetLastList()
  }, [phase.at])

  useEffect(() => {
    const look = (): void => {
      const found = takeInvite()
      if (found === null) return
      setInvited(found)
      setLink(found)
    }
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])

  // A used or forgotten invite is not offered to whoever uses this device next [C8].
  useEffect(() => {
    if (phase.at !== 'in') return
    return () => {
      const code = keptInvite()
      setInvited(code === null ? null : { code })
    }
  }, [phase.at])

  // A member who opens an invite needs none.
  useEffect(() => {
    if (phase.at === 'out') setLink(null)
    if (phase.at !== 'in' || link === null) return
    setLink(null)
    toast(texts.inviteNotNeeded)
  }, [phase.at, link, texts])

  switch (phase.at) {
    case 'opening':
      return (
        <main className="whole-screen" aria-label={texts.loading}>
          <BeaconMark size={56} />
        </main>
      )
    case 'broken':
      return (
        <main className="whole-screen">
          <Empty mark title={texts.storeBrokenTitle} about={texts.storeBrokenAbout}>
            <button type="button" className="button button-soft" onClick={() => location.reload()}>
              {texts.retry}
            </button>
          </Empty>
        </main>
      )
    case 'elsewhere':
      return (
        <main className="whole-screen">
          <Empty mark title={texts.openElsewhereTitle} about={texts.openElsewhereAbout}>
            <button type="button" className="button button-main" onClick={() => void host.takeOver()} data-testid="use-here">
              {texts.useHere}
            </button>
          </Empty>
        </main>
      )
    case 'out':
      return (
        <Framed banner={<BannerAtDoor />}>
          <Welcome key={invited?.code} door={phase} invited={invited} onSignedIn={host.signedIn} />
        </Framed>
      )
    case 'in':
      return (
        <AppContext value={phase.app}>
          <Framed banner={<BannerInApp />}>
            <Screen />
          </Framed>
        </AppContext>
      )
  }
}

/** The app, unless the account is suspended. */
function Screen() {
  const { connection } = useView()
  const { state } = connection
  const isSuspended = state === 'signed-out' && connection.suspended === true
  // Until the next welcome: the device asks again meanwhile.
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (isSuspended) setHeld(true)
    else if (state === 'catching-up' || state === 'live') setHeld(false)
  }, [isSuspended, state])
  return isSuspended || held ? <Suspended /> : <Shell />
}

/** The sentinel's banner above all screens of the app. */
function Framed({ banner, children }: { readonly banner: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="framed">
      {banner}
      <div className="framed-screen">{children}</div>
    </div>
  )
}

function BannerAtDoor() {
  return <StatusBanner banner={useStatusBanner()} />
}

function BannerInApp() {
  return (
    <StatusBanner banner={useShownBanner()}>
      <ConnectionLine inBanner />
    </StatusBanner>
  )
}
