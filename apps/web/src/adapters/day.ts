import { useSyncExternalStore } from 'react'
import { listenForWaking } from './waking.ts'

/** Longest wait between two looks at the clock: a clock may be set, and a machine may sleep. */
const lookMsMax = 60_000

let day = dayNow()
const listeners = new Set<() => void>()

function dayNow(): number {
  return new Date().setHours(0, 0, 0, 0)
}

function look(): void {
  const now = dayNow()
  if (now === day) return
  day = now
  for (const listener of listeners) listener()
}

function plan(): void {
  const midnight = new Date().setHours(24, 0, 0, 0)
  setTimeout(
    () => {
      look()
      plan()
    },
    Math.min(lookMsMax, midnight - Date.now()),
  )
}

plan()
listenForWaking(look)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The beginning of today, epoch ms. Whatever depends on the present day is drawn again after midnight, and after a sleep over midnight. */
export function useDay(): number {
  return useSyncExternalStore(subscribe, () => day)
}
