import { createApi, createDevice, createOpenSocket, socketUrl, systemClock, systemRandom, type Api, type DeviceHandle } from '@bongsu/client'
import type { SignedIn } from '@bongsu/protocol'
import type { App } from './app-context.ts'
import { askToPersist, openDatabase, type Database, type Session } from './adapters/database.ts'
import { forgetDrafts } from './adapters/drafts.ts'
import { createIndexedDbStore } from './adapters/indexed-db-store.ts'
import { holdDevice } from './adapters/one-window.ts'
import { readSession, writeSession } from './adapters/session-store.ts'
import { listenForWaking } from './adapters/waking.ts'

export type Phase =
  | { readonly at: 'opening' }
  /** The browser keeps nothing for us: what is written could not be stored before it is sent [C1]. */
  | { readonly at: 'broken' }
  /** Another window of this browser is the device now. */
  | { readonly at: 'elsewhere' }
  | { readonly at: 'out'; readonly api: Api }
  | { readonly at: 'in'; readonly app: App }

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
  const api = createApi({ baseUrl: '', token: () => token })

  function become(next: Phase): void {
    phase = next
    for (const listener of listeners) listener()
  }

  async function lost(): Promise<void> {
    become({ at: 'elsewhere' })
    await device?.stop()
    device = null
  }

  async function open(take: boolean): Promise<void> {
    try {
      database ??= await openDatabase()
      if (!(await holdDevice(take, () => void lost()))) {
        become({ at: 'elsewhere' })
        return
      }
      const session = await readSession(database)
      if (session === null) become({ at: 'out', api })
      else await start(database, session)
    } catch {
      become({ at: 'broken' })
    }
  }

  async function start(opened: Database, session: Session): Promise<void> {
    token = session.token
    const current = createDevice({
      store: createIndexedDbStore(opened),
      openSocket: createOpenSocket(socketUrl(location.origin)),
      http: api,
      clock: systemClock,
      random: systemRandom,
      token: session.token,
      onToken(next) {
        token = next
        // The old token still works: a failed write costs nothing now, and the next welcome brings another.
        writeSession(opened, { ...session, token: next }).catch(() => undefined)
      },
    })
    device = current
    await current.start()
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
    become({ at: 'out', api })
  }

  async function signOut(): Promise<void> {
    if (database === null) return
    // The server's word is not waited for: offline too, whoever signs out must be out. The device list shows what stayed behind.
    void api.call('signOut')
    await device?.forget()
    device = null
    await writeSession(database, null)
    forgetDrafts()
    token = null
    history.replaceState(null, '', location.pathname)
    become({ at: 'out', api })
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
  addEventListener(
    'offline',
    withDevice((device) => device.networkLost()),
  )
}
