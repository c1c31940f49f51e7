import { useEffect, useRef } from 'react'

/** Not in every browser yet, nor in the library of types. */
interface Watcher extends EventTarget {
  destroy(): void
}
declare const CloseWatcher: (new () => Watcher) | undefined

/**
 * The way of the device to close what lies on top: the back button of a phone, and Esc wherever the focus is. Without it the back button
 * would leave the room behind an open dialog. Browsers that do not know it keep Esc inside the dialog.
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
