import {
  afterSignInTry,
  createApi,
  createDevice,
  createOpenSocket,
  NO_SIGN_IN_TROUBLE,
  socketUrl,
  systemClock,
  systemRandom,
  type Api,
  type DeviceHandle,
  type SignInTry,
} from '@bongsu/client'
import type { DeviceId, SignedIn } from '@bongsu/protocol'
import type { App } from './app-context.ts'
import { askToPersist, openDatabase, type Database } from './adapters/database.ts'
import { forgetDrafts } from './adapters/drafts.ts'
import { forgetEmoji } from './adapters/emoji-store.ts'
import { createIndexedDbStore } from './adapters/indexed-db-store.ts'
import { holdDevice } from './adapters/one-window.ts'
import type { Session } from './adapters/session.ts'
import { forgetAtDoor, readAtDoor, readSession, writeAtDoor, writeSession } from './adapters/session-store.ts'
import { listenForWaking } from './adapters/waking.ts'

export type Phase =
  | { readonly at: 'opening' }
  /** The browser keeps nothing for us: what is written could not be stored before it is sent [C1]. */
  | { readonly at: 'broken' }
  /** Another window of this browser is the device now. */
  | { readonly at: 'elsewhere' }
  | (Door & { readonly at: 'out' })
  | { readonly at: 'in'; readonly app: App }

/** What the sign-in page works with. */
export interface Door {
  readonly api: Api
  /** The device that this one was, where it is known [F5]. */
  readonly deviceId: DeviceId | null
  /** One try to sign in has ended: what does not work by the server's fault is told to it later [F4]. */
  readonly tried: (attempt: SignInTry) => void
  /** The last try was not answered as it should be. */
  readonly troubled: () => boolean
}

/** Who is signed in on this device, and the device of it: from opening the store to signing out. */
export interface SessionHost {
  readonly phase: () => Phase
  readonly subscribe: (listener: () => void) => () => void
  readonly open: () => Promise<void>
  readonly signedIn: (signedIn: SignedIn) => Promise<void>
  /** Makes this window the one that is connected. */
  readonly takeOver: () => Promise<void>
}

export function createSessionHost(): SessionHost {
  const listeners = new Set<() => void>()
  let phase: Phase = { at: 'opening' }
  let database: Database | null = null
  let token: string | null = null
  let device: DeviceHandle | null = null
  /** This window's hold on the device, another one each time; null while another window has it. Whatever was begun under one ends with it. */
  let hold: symbol | null = null
  const api = createApi({ baseUrl: '', token: () => token })

  function become(next: Phase): void {
    phase = next
    for (const listener of listeners) listener()
  }

  async function lost(): Promise<void> {
    hold = null
    become({ at: 'elsewhere' })
    const last = device
    device = null
    await last?.stop()
  }

  async function open(take: boolean): Promise<void> {
    try {
      database ??= await openDatabase()
      if (!(await holdDevice(take, () => void lost()))) {
        become({ at: 'elsewhere' })
        return
      }
      const mine = (hold = Symbol('hold'))
      const session = await readSession(database)
      if (hold !== mine) return
      if (session === null) await goToDoor(database)
      else await start(database, session)
    } catch {
      become({ at: 'broken' })
    }
  }

  async function goToDoor(opened: Database): Promise<void> {
    const mine = hold
    let known = await readAtDoor(opened)
    if (mine === null || hold !== mine) return
    become({
      at: 'out',
      api,
      deviceId: known.deviceId,
      tried(attempt) {
        known = { ...known, trouble: afterSignInTry(known.trouble, attempt, systemClock, systemRandom) }
        // Lost with the window where it cannot be kept, and nothing else with it.
        writeAtDoor(opened, known).catch(() => undefined)
        if (!attempt.answer.ok) for (const listener of listeners) listener()
      },
      troubled: () => known.trouble.open !== null,
    })
  }

  async function start(opened: Database, session: Session): Promise<void> {
    const mine = hold
    token = session.token
    const { trouble } = await readAtDoor(opened)
    if (mine === null || hold !== mine) return
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
    current.inFront(document.visibilityState === 'visible')
    await current.start()
    // The device has taken them on; it knows them again by their ids if this was in vain.
    await writeAtDoor(opened, { deviceId: session.deviceId, trouble: NO_SIGN_IN_TROUBLE })
    if (hold !== mine) return
    become({ at: 'in', app: { device: current, api, deviceId: session.deviceId, accountId: session.accountId, signOut, signInAgain } })
    void askToPersist()
  }

  /** The token is no longer good: only it goes. Conversations and the outbox wait for the same person to sign in again [C2]. */
  async function signInAgain(): Promise<void> {
    if (database === null) return
    await device?.stop()
    device = null
    token = null
    await writeSession(database, null)
    await goToDoor(database)
  }

  async function signOut(): Promise<void> {
    if (database === null) return
    // The server's word is not waited for: offline too, whoever signs out must be out. The device list shows what stayed behind.
    void api.call('signOut')
    await device?.forget()
    device = null
    await writeSession(database, null)
    // The device is revoked, or will be as soon as the server hears of it: whoever signs in next is on a new one.
    await forgetAtDoor(database)
    forgetDrafts()
    forgetEmoji()
    token = null
    history.replaceState(null, '', location.pathname)
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
        // What another account left here is not this one's. Without a state it is not known whose an outbox is.
        if (kept.state?.accountId !== profile.accountId) {
          await store.clear()
          forgetDrafts()
          forgetEmoji()
        }
        await writeSession(database, session)
        await start(database, session)
      } catch {
        become({ at: 'broken' })
      }
    },
  }
}

/** The device hears of the network and of the app coming to the front [C4]. */
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
