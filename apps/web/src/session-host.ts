import {
  afterSignInTry,
  createApi,
  createDevice,
  createOpenSocket,
  NO_SIGN_IN_TROUBLE,
  roomTitle,
  socketUrl,
  systemClock,
  systemRandom,
  type Api,
  type ApiResult,
  type DeviceHandle,
  type OutboxItem,
  type SignInTry,
} from '@bongsu/client'
import type { Body, DeviceId, Reply, SignedIn } from '@bongsu/protocol'
import type { App } from './app-context.ts'
import { askToPersist, openDatabase, type Database } from './adapters/database.ts'
import { allDrafts, forgetDrafts, readDraftsAnew } from './adapters/drafts.ts'
import { forgetEmoji } from './adapters/emoji-store.ts'
import { forgetInvite } from './adapters/invite-store.ts'
import { createIndexedDbStore } from './adapters/indexed-db-store.ts'
import { holdDevice, letDeviceGo, whenFree } from './adapters/one-window.ts'
import { forgetPlaces } from './adapters/places.ts'
import type { AtDoor, Left, LeftText, Session } from './adapters/session.ts'
import { forgetAtDoor, readAtDoor, readLeft, readSession, writeAtDoor, writeLeft, writeSession } from './adapters/session-store.ts'
import { listenForWaking } from './adapters/waking.ts'
import { forgetWishes } from './adapters/wishes.ts'

export type Phase =
  | { readonly at: 'opening' }
  /** The browser refuses storage: messages could not be stored before they are sent [C1]. */
  | { readonly at: 'broken' }
  /** Another window of this browser is the device now. */
  | { readonly at: 'elsewhere' }
  | (Door & { readonly at: 'out' })
  | { readonly at: 'in'; readonly app: App }

/** What the sign-in page works with. */
export interface Door {
  readonly api: Api
  /** The earlier device, where known [F5]. */
  readonly deviceId: DeviceId | null
  /** A sign-in has ended: failures by the server's fault are reported later [F4]. */
  readonly tried: (attempt: SignInTry) => void
  /** The last sign-in got no proper answer. */
  readonly troubled: () => boolean
  /** The device was revoked and has deleted everything but these texts, which were not sent [C10]; null otherwise. */
  readonly left: readonly LeftText[] | null
  /** Deletes these texts too. */
  readonly forgetLeft: () => Promise<void>
}

/** The signed-in account and its device, from opening the store to signing out. */
export interface SessionHost {
  readonly phase: () => Phase
  readonly subscribe: (listener: () => void) => () => void
  readonly open: () => Promise<void>
  readonly signedIn: (signedIn: SignedIn) => Promise<void>
  /** Makes this window the connected one. */
  readonly takeOver: () => Promise<void>
}

function unsentTexts({ titles }: Left, outbox: readonly OutboxItem[]): readonly LeftText[] {
  const titleOf = (conversationId: string): string | null => titles.get(conversationId) ?? null
  const entries = outbox.flatMap((item): LeftText[] =>
    'body' in item && item.body.kind === 'text' ? [{ key: item.id, title: titleOf(item.conversationId), text: item.body.text, isDraft: false }] : [],
  )
  const drafts = [...allDrafts()].map(([room, text]): LeftText => ({ key: room, title: titleOf(room), text, isDraft: true }))
  return [...entries, ...drafts]
}

/** @param leavePages called when nobody is signed in any more. */
/** Waits before the tries to sign in with a new password whose answer was lost, in ms. */
const LOST_ANSWER_WAITS_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000] as const

/** Whether the server may have done it. */
function isUnknown(answer: ApiResult<unknown>): boolean {
  return !answer.ok && (answer.offline === true || ['unavailable', 'busy', 'internal'].includes(answer.refusal.code))
}

export function createSessionHost(leavePages: () => void): SessionHost {
  const listeners = new Set<() => void>()
  let phase: Phase = { at: 'opening' }
  let database: Database | null = null
  let token: string | null = null
  let device: DeviceHandle | null = null
  /** This window's hold on the device, a new one each time; null while another window has it. Everything started under a hold ends with it. */
  let hold: symbol | null = null
  /** A change of the password that is under way: it ends the token of this device, and brings another one. */
  let changing: Promise<unknown> | null = null
  const api = createApi({ baseUrl: '', token: () => token })

  function become(next: Phase): void {
    phase = next
    for (const listener of listeners) listener()
  }

  function goElsewhere(): void {
    become({ at: 'elsewhere' })
    whenFree(() => void open(false))
  }

  async function lost(): Promise<void> {
    hold = null
    goElsewhere()
    const last = device
    device = null
    await last?.stop()
  }

  async function open(take: boolean): Promise<void> {
    // At once, so that a window that takes the device before the store is open ends this hold.
    const holding = holdDevice(take, () => void lost()).then((isMine) => (isMine ? (hold = Symbol('hold')) : null))
    const opening = Promise.resolve(database ?? openDatabase())
    opening.catch(() => holding.then(letDeviceGo)).catch(() => undefined)
    try {
      // Together, here and below: each answer takes a slow phone a while.
      const [opened, mine] = await Promise.all([opening, holding])
      database = opened
      if (mine === null) return goElsewhere()
      if (hold !== mine) return
      readDraftsAnew()
      const [session, atDoor] = await Promise.all([readSession(database), readAtDoor(database)])
      if (hold !== mine) return
      if (session === null) await goToDoor(database)
      else await start(database, session, atDoor)
    } catch {
      become({ at: 'broken' })
    }
  }

  async function goToDoor(opened: Database): Promise<void> {
    const mine = hold
    let known = await readAtDoor(opened)
    const left = await readLeft(opened)
    const unsent = left === null ? null : unsentTexts(left, (await createIndexedDbStore(opened).load()).outbox)
    if (mine === null || hold !== mine) return
    become({
      at: 'out',
      api,
      deviceId: known.deviceId,
      tried(attempt) {
        known = { ...known, trouble: afterSignInTry(known.trouble, attempt, systemClock, systemRandom) }
        // When it cannot be stored, only this is lost with the window.
        writeAtDoor(opened, known).catch(() => undefined)
        if (!attempt.answer.ok) for (const listener of listeners) listener()
      },
      troubled: () => known.trouble.open !== null,
      left: unsent,
      async forgetLeft() {
        await createIndexedDbStore(opened).clear()
        forgetDrafts()
        await writeLeft(opened, null)
        await goToDoor(opened)
      },
    })
  }

  /**
   * The account has revoked this device [C10]. The session is deleted last: a program that is killed before is refused at its next start, and goes on
   * here.
   */
  async function revoked(opened: Database, current: DeviceHandle): Promise<void> {
    await changing
    if (device !== current) return
    device = null
    const { replica, outbox } = current.view()
    const waiting = new Set<string>([...outbox.map(({ conversationId }) => conversationId), ...allDrafts().keys()])
    const titles = [...replica.rooms.values()].flatMap((room): [string, string][] => {
      const title = waiting.has(room.conversationId) ? roomTitle(room, replica) : null
      return title === null ? [] : [[room.conversationId, title]]
    })
    try {
      await writeLeft(opened, { titles: new Map([...((await readLeft(opened))?.titles ?? []), ...titles]) })
      await current.wipe()
      forgetTraces()
      await writeSession(opened, null)
      await forgetAtDoor(opened)
      token = null
      leavePages()
      await goToDoor(opened)
    } catch {
      become({ at: 'broken' })
    }
  }

  /** What this device keeps of the person outside of the store, but for the drafts. */
  function forgetTraces(): void {
    forgetEmoji()
    forgetInvite()
    forgetWishes()
    forgetPlaces()
  }

  async function start(opened: Database, session: Session, { deviceId, trouble }: AtDoor): Promise<void> {
    const mine = hold
    if (mine === null) return
    token = session.token
    const current = createDevice({
      store: createIndexedDbStore(opened),
      openSocket: createOpenSocket(socketUrl(location.origin)),
      http: api,
      clock: systemClock,
      random: systemRandom,
      token: session.token,
      outages: trouble.outages,
      onToken(next) {
        token = next
        // The old token still works: a failed write costs nothing now, and the next welcome brings another.
        writeSession(opened, { ...session, token: next }).catch(() => undefined)
      },
    })
    device = current
    current.subscribe(() => {
      const { connection } = current.view()
      if (connection.state === 'signed-out' && connection.revoked === true) void revoked(opened, current)
    })
    current.inFront(document.visibilityState === 'visible')
    await current.start()
    if (hold !== mine) return
    // The device has taken the outages over. If this write fails, it recognises them by their ids.
    const isNews = deviceId !== session.deviceId || trouble.outages.length > 0 || trouble.open !== null
    if (isNews) writeAtDoor(opened, { deviceId: session.deviceId, trouble: NO_SIGN_IN_TROUBLE }).catch(() => undefined)
    const { accountId } = session
    become({ at: 'in', app: { device: current, api, deviceId: session.deviceId, accountId, signOut, signInAgain, changePassword } })
    void askToPersist()
  }

  /** The token is no longer valid, and only the token is deleted. Conversations and the outbox wait for the same person to sign in again [C2]. */
  async function signInAgain(): Promise<void> {
    if (database === null) return
    await device?.stop()
    device = null
    token = null
    await writeSession(database, null)
    await goToDoor(database)
  }

  /** Goes on as the same device with the same data, under a new id and token: no token from before is good any more [B70]. */
  async function changePassword(wish: Pick<Body<'changePassword'>, 'current' | 'next'>, handle: string): Promise<ApiResult<unknown>> {
    const mine = device
    const task = ask()
    changing = task.catch(() => undefined)
    return task

    async function ask(): Promise<ApiResult<unknown>> {
      const deviceId = systemRandom.uuid() as DeviceId
      const first = await api.call('changePassword', { body: { ...wish, deviceId } })
      // An older server does not know the field [W3]. It has changed nothing.
      if (!first.ok && first.refusal.code === 'body-invalid') return api.call('changePassword', { body: wish })
      const given = first.ok ? first.value.token : await tokenAfterLostAnswer(first, { handle, password: wish.next, deviceId })
      if (given === undefined) return first
      if (database === null || device !== mine || phase.at !== 'in') return { ok: true, value: {} }
      const session = { token: given, deviceId, accountId: phase.app.accountId }
      await writeSession(database, session)
      await mine?.stop()
      await start(database, session, await readAtDoor(database))
      return { ok: true, value: {} }
    }
  }

  /** When the change was made, the new password signs this device in. Otherwise nothing was changed. Until it is known, the device deletes nothing. */
  async function tokenAfterLostAnswer(
    answer: ApiResult<Reply<'changePassword'>>,
    { handle, password, deviceId }: { readonly handle: string; readonly password: string; readonly deviceId: DeviceId },
  ): Promise<string | undefined> {
    if (answer.ok || !isUnknown(answer)) return undefined
    for (const [tried, waitMs] of LOST_ANSWER_WAITS_MS.entries()) {
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      const again = await api.call('signIn', { body: { handle, password, deviceName: 'Bongsu', deviceId } })
      if (again.ok) return again.value.deviceId === deviceId ? again.value.token : undefined
      // The change may still be under way when the first try comes.
      if (tried > 0 && !isUnknown(again)) return undefined
    }
    return undefined
  }

  async function signOut(): Promise<void> {
    if (database === null) return
    // The server's answer is not awaited: signing out must work offline too. The device list shows what stayed behind.
    void api.call('signOut')
    await device?.forget()
    device = null
    await writeSession(database, null)
    // The device is revoked, or will be when the server is told: the next person to sign in gets a new device.
    await forgetAtDoor(database)
    forgetDrafts()
    forgetTraces()
    token = null
    leavePages()
    await goToDoor(database)
  }

  return {
    phase: () => phase,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    open: () => open(false),
    takeOver: () => open(true),
    async signedIn({ token: given, deviceId, profile }) {
      if (database === null) return
      const session = { token: given, deviceId, accountId: profile.accountId }
      try {
        const store = createIndexedDbStore(database)
        const kept = await store.load()
        // Data of another account on this device is deleted. Without a state the owner of an outbox is unknown.
        if (kept.state?.accountId !== profile.accountId) {
          await store.clear()
          forgetDrafts()
          forgetEmoji()
          forgetWishes()
          forgetPlaces()
        }
        await writeLeft(database, null)
        await writeSession(database, session)
        await start(database, session, await readAtDoor(database))
      } catch {
        become({ at: 'broken' })
      }
    },
  }
}

/** Tells the device about the network, and when the app comes to the front [C4]. */
export function listenToPlatform(host: SessionHost): void {
  const withDevice = (act: (device: DeviceHandle) => void) => (): void => {
    const phase = host.phase()
    if (phase.at === 'in') act(phase.app.device)
  }
  listenForWaking(withDevice((device) => device.wake()))
  document.addEventListener(
    'visibilitychange',
    withDevice((device) => device.inFront(document.visibilityState === 'visible')),
  )
  addEventListener(
    'offline',
    withDevice((device) => device.networkLost()),
  )
}
