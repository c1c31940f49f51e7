import { useEffect, useRef } from 'react'
import { openLayer } from '../adapters/layer-step.ts'
import { touchQuery } from './use-media.ts'

/** Not in every browser yet, nor in the type library. */
interface Watcher extends EventTarget {
  destroy(): void
}
declare const CloseWatcher: (new () => Watcher) | undefined

/** The open layers of a browser without CloseWatcher, topmost last. */
const layers: (() => void)[] = []

function onKeyDown(event: KeyboardEvent): void {
  const close = layers.at(-1)
  if (event.key !== 'Escape' || event.defaultPrevented || close === undefined) return
  // What lies under the layer stays open.
  event.preventDefault()
  close()
}

/** @returns how to stop. */
function watchEsc(close: () => void): () => void {
  if (layers.push(close) === 1) addEventListener('keydown', onKeyDown)
  return () => {
    layers.splice(layers.indexOf(close), 1)
    if (layers.length === 0) removeEventListener('keydown', onKeyDown)
  }
}

/**
 * The device's gesture for closing the topmost layer [C22]: a phone's back button, and Esc wherever the focus is. Without it the back button would
 * leave the room behind an open dialog. A browser without CloseWatcher has the history and Esc. There the focus is often outside of the layer: Safari
 * gives none to a button that is clicked.
 */
export function useCloseRequest(onClose: () => void): void {
  const latest = useRef(onClose)
  useEffect(() => {
    latest.current = onClose
  })
  useEffect(() => {
    const close = (): void => latest.current()
    if (typeof CloseWatcher === 'undefined') {
      const ends = [watchEsc(close), ...(matchMedia(touchQuery).matches ? [openLayer(close)] : [])]
      return () => {
        for (const end of ends) end()
      }
    }
    const watcher = new CloseWatcher()
    watcher.addEventListener('close', close)
    return () => watcher.destroy()
  }, [])
}
