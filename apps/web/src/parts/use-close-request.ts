import { useEffect, useRef } from 'react'

/** Not in every browser yet, nor in the type library. */
interface Watcher extends EventTarget {
  destroy(): void
}
declare const CloseWatcher: (new () => Watcher) | undefined

/**
 * The device's gesture for closing the topmost layer: a phone's back button, and Esc wherever the focus is. Without it the back button would leave
 * the room behind an open dialog. Browsers without it handle Esc inside the dialog.
 */
export function useCloseRequest(onClose: () => void): void {
  const latest = useRef(onClose)
  useEffect(() => {
    latest.current = onClose
  })
  useEffect(() => {
    if (typeof CloseWatcher === 'undefined') return
    const watcher = new CloseWatcher()
    watcher.addEventListener('close', () => latest.current())
    return () => watcher.destroy()
  }, [])
}
