import { createContext, useContext, useMemo, useSyncExternalStore } from 'react'
import type { AccountId, Person } from '@bongsu/protocol'
import { isolated } from './text/isolated.ts'
import type { Api, ApiResult, DeviceHandle, View } from '@bongsu/client'
import { useTexts } from './adapters/settings-store.ts'

/** What a signed-in screen works with. */
export interface App {
  readonly device: DeviceHandle
  readonly api: Api
  readonly deviceId: string
  readonly accountId: AccountId
  /** Signs this device out and deletes everything on it. */
  readonly signOut: () => Promise<void>
  /** Goes to the sign-in page and keeps everything for the same person. */
  readonly signInAgain: () => Promise<void>
  /** Changes the password; this device goes on [B70]. */
  readonly changePassword: (wish: { readonly current: string; readonly next: string }, handle: string) => Promise<ApiResult<unknown>>
}

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (app === null) throw new Error('A signed-in view was put outside of the app.')
  return app
}

/** Everything the screen shows: a new value after each change of the device. */
export function useView(): View {
  const { device } = useApp()
  return useSyncExternalStore(device.subscribe, device.view)
}

/**
 * Names of people by id, one's own included. Whoever is drawn without a name is asked for [C6]: the device gathers them, and asks for each once on a
 * connection.
 */
export function useNames(): (accountId: string) => string | null {
  const { device } = useApp()
  const { replica } = useView()
  const { people, friends, profile, blocked } = replica
  const { blockedPerson } = useTexts()
  return useMemo(
    () => (accountId) => {
      const id = accountId as AccountId
      if (blocked.has(id)) return blockedPerson // [B3]
      if (profile?.accountId === id) return isolated(profile.displayName)
      const person = friends.get(id) ?? people.get(id)
      if (person === undefined) device.learnPeople([id])
      return person === undefined ? null : isolated(person.displayName)
    },
    [device, people, friends, profile, blocked, blockedPerson],
  )
}

/** Whether somebody is staff, as the server says [B32]. */
export function useStaff(): (accountId: string) => boolean {
  const { replica } = useView()
  const { people, friends, blocked } = replica
  return useMemo(
    () => (accountId) => {
      const id = accountId as AccountId
      return !blocked.has(id) && (friends.get(id) ?? people.get(id))?.staff === true
    },
    [people, friends, blocked],
  )
}

/** The name of a person whom the server has just named. */
export function useShownName(): (person: Person) => string {
  const { blocked } = useView().replica
  const { blockedPerson } = useTexts()
  return ({ accountId, displayName }) => (blocked.has(accountId) ? blockedPerson : displayName)
}
