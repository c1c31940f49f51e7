import { useEffect, useSyncExternalStore } from 'react'
import { serverHas } from '@bongsu/client'
import { useApp, useView } from '../../app-context.ts'

/** Time between two looks at the number of open cases. */
const lookMs = 300_000

let open = 0
const listeners = new Set<() => void>()

/** The number that was just read. */
export function tellOpenCases(count: number): void {
  open = count
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Number of cases that wait for this member of staff; null for everybody else. */
export function useOpenCases(): number | null {
  const { api } = useApp()
  const { replica } = useView()
  const isAsked = replica.profile?.staff === true && serverHas(replica, 'reports')
  useEffect(() => {
    if (!isAsked) return
    const look = async (): Promise<void> => {
      const answer = await api.call('listCases', { query: {} })
      if (answer.ok) tellOpenCases(answer.value.open)
    }
    void look()
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void look()
    }, lookMs)
    return () => clearInterval(timer)
  }, [api, isAsked])
  const count = useSyncExternalStore(subscribe, () => open)
  return isAsked ? count : null
}
