import { useEffect, useState, useSyncExternalStore } from 'react'

/** Long enough to read a short sentence twice. */
const shownMs = 3_500

let current: { readonly text: string; readonly at: number } | null = null
const listeners = new Set<() => void>()

/** Briefly confirms an action. Important messages do not belong here. */
export function toast(text: string): void {
  current = { text, at: Date.now() }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => current)
  const [gone, setGone] = useState<number | null>(null)
  useEffect(() => {
    if (shown === null) return
    const timer = setTimeout(() => setGone(shown.at), shownMs)
    return () => clearTimeout(timer)
  }, [shown])
  const visible = shown !== null && shown.at !== gone
  return (
    <div className="toasts" role="status">
      {visible && (
        <p className="toast" key={shown.at}>
          {shown.text}
        </p>
      )}
    </div>
  )
}
