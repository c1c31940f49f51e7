import { useEffect, useRef, useState } from 'react'
import { totalUnread } from '@bongsu/client'
import { useView } from '../app-context.ts'
import { showBadge } from '../adapters/badge.ts'
import { updateNow, useUpdateReady } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { Badge } from '../parts/badge.tsx'
import { Boundary } from '../parts/boundary.tsx'
import { Empty } from '../parts/empty.tsx'
import { BeaconMark, ChatsIcon, FlagIcon, FriendsIcon, SettingsIcon } from '../parts/icons.tsx'
import { later } from '../parts/later.tsx'
import { Toasts } from '../parts/toast.tsx'
import { useMedia, wideQuery } from '../parts/use-media.ts'
import { paths } from '../route.ts'
import { replace, useRoute } from '../router.ts'
import { Chats } from './chats/chats.tsx'
import { Friends } from './friends/friends.tsx'
import { useOpenCases } from './reports/open-cases.ts'
import { loadRoom } from './room/load-room.ts'
import { useListKeys } from './use-list-keys.ts'
import { useNoFiles } from './use-no-files.ts'
import { useRefusedActs } from './use-refused-acts.ts'
import './shell.css'

/** Time until a part that is needed next is loaded in advance. */
const aheadMs = 500

const RoomView = later(loadRoom)
const Notices = later(async () => (await import('./notices.tsx')).Notices)
const Reports = later(async () => (await import('./reports/reports.tsx')).Reports)
const Settings = later(async () => (await import('./settings/settings.tsx')).Settings)

const places = [
  { at: 'friends', href: paths.friends, Icon: FriendsIcon },
  { at: 'chats', href: paths.chats, Icon: ChatsIcon },
  { at: 'reports', href: paths.reports, Icon: FlagIcon },
  { at: 'settings', href: paths.settings, Icon: SettingsIcon },
] as const

/** The signed-in screen: rail, list and room side by side when wide; one of them at a time on a phone. */
export function Shell() {
  const texts = useTexts()
  const route = useRoute()
  const wide = useMedia(wideQuery)
  const { replica } = useView()
  const unread = totalUnread(replica)
  useRefusedActs()
  useListKeys()
  useNoFiles()
  const [lastRoom, setLastRoom] = useState<string | null>(null)
  const open = route.at === 'chats' ? route.conversationId : null
  const cases = useOpenCases()
  const listed = route.at === 'settings' || route.at === 'chats' || (route.at === 'reports' && cases !== null) ? route.at : 'friends'
  const isWhole = listed === 'settings' || listed === 'reports'

  useEffect(() => {
    // The room says itself when it cannot be loaded.
    const timer = setTimeout(() => void loadRoom().catch(() => undefined), aheadMs)
    return () => clearTimeout(timer)
  }, [])
  useEffect(() => showBadge(unread, texts.appName), [unread, texts])
  useEffect(() => {
    if (route.at === 'chats') setLastRoom(open)
  }, [route.at, open])
  // An invite is for people without an account. A signed-in person is already at its destination.
  useEffect(() => {
    if (route.at === 'invite') replace(paths.friends)
  }, [route.at])

  // On a phone one place replaces the other. The focus on its heading tells people who cannot see it.
  const arrived = useRef(false)
  useEffect(() => {
    if (arrived.current && !wide && open === null)
      document.querySelector<HTMLElement>('.list-pane h1, .settings h1, .reports h1')?.focus({ preventScroll: true })
    arrived.current = true
  }, [wide, open, listed])

  // A room that closes beside the list would lose the focus. It returns to the place that opened the room.
  const wasOpen = useRef<string | null>(null)
  useEffect(() => {
    const closed = wasOpen.current
    wasOpen.current = open
    if (!wide || closed === null || open !== null || listed !== 'chats' || document.activeElement !== document.body) return
    const row = document.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(closed)}"]`)
    ;(row ?? document.querySelector<HTMLElement>('.list-pane h1'))?.focus({ preventScroll: true })
  }, [wide, open, listed])

  const shown = places.filter(({ at }) => at !== 'reports' || cases !== null)
  // Beside the friends, an open room stays open. Closing it is a choice.
  const room = open ?? (wide && listed === 'friends' ? lastRoom : null)
  return (
    <div className="shell" data-at={listed} data-whole={isWhole} data-room={open === null ? 'none' : 'open'}>
      <nav className="rail" aria-label={texts.mainNavigation}>
        <span className="rail-mark">
          <BeaconMark size={36} />
        </span>
        {shown.map(({ at, href, Icon }) => (
          <a
            key={at}
            className={`rail-link rail-${at}`}
            href={at === 'chats' && wide && lastRoom !== null && listed !== 'chats' ? paths.room(lastRoom) : href}
            aria-current={listed === at ? 'page' : undefined}
            data-testid={`tab-${at}`}
          >
            <span className="rail-icon">
              <Icon />
              {at === 'chats' && <Badge count={unread} label={texts.unreadTotal(unread)} />}
              {at === 'reports' && <Badge count={cases ?? 0} label={texts.reportsWaiting(cases ?? 0)} />}
            </span>
            <span className="rail-text">{texts[at]}</span>
          </a>
        ))}
      </nav>
      {!isWhole && (
        <section className="list-pane" aria-label={texts[listed]}>
          <Boundary key={listed}>
            {listed === 'friends' ? <Friends addHandle={route.at === 'add' ? route.handle : null} hasRoom={room !== null} /> : <Chats open={open} />}
          </Boundary>
          <UpdateLine />
        </section>
      )}
      <main className="main-pane">
        {listed === 'settings' ? (
          <Settings />
        ) : route.at === 'reports' && listed === 'reports' ? (
          <Reports caseId={route.caseId} />
        ) : room !== null ? (
          <RoomView key={room} conversationId={room} />
        ) : (
          <NoRoom hasChats={replica.rooms.size > 0} />
        )}
      </main>
      {replica.notices.size > 0 && <Notices />}
      <Toasts />
    </div>
  )
}

/** Beside the list, while no room is open. */
function NoRoom({ hasChats }: { readonly hasChats: boolean }) {
  const texts = useTexts()
  return <Empty mark title={texts.noRoomTitle} about={hasChats ? texts.pickChatAbout : texts.makeChatAbout} />
}

/** A new version interrupts nobody. It is installed on request. */
function UpdateLine() {
  const texts = useTexts()
  const ready = useUpdateReady()
  if (!ready) return null
  return (
    <p className="update-line" role="status">
      <span>{texts.updateReady}</span>
      <button type="button" className="text-button" onClick={updateNow}>
        {texts.updateNow}
      </button>
    </p>
  )
}
