import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import type { VirtualizerHandle } from 'virtua'
import type { ActName } from '../../kinds/look.ts'
import type { Row } from './rows.ts'
import { placeBelow, type Place, type Target } from './target.ts'

/** Acts with a key of their own while a message has the focus. */
const keys: Readonly<Record<string, ActName>> = { r: 'reply', e: 'edit', Delete: 'erase' }

interface Keyed {
  readonly rows: readonly Row[]
  readonly targetOf: (row: Row | undefined) => Target | null
  readonly actsOf: (target: Target) => readonly ActName[]
  readonly onMenu: (target: Target, place: Place) => void
  readonly onAct: (name: ActName, target: Target, place: Place) => void
}

/** Arrow keys move from message to message, Enter opens the menu, Esc returns to the composer. */
export function useMessageKeys(scroller: RefObject<HTMLElement | null>, list: RefObject<VirtualizerHandle | null>, keyed: Keyed) {
  /** Key of the focused row: it stays mounted when it is scrolled away. */
  const [current, setCurrent] = useState<string | null>(null)
  const wanted = useRef<string | null>(null)
  const latest = useRef(keyed)
  latest.current = keyed

  const elementOf = useCallback((key: string) => scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null, [scroller])

  // The row may be drawn only after the list has scrolled to it.
  useEffect(() => {
    if (wanted.current === null) return
    const element = elementOf(wanted.current)
    if (element === null) return
    wanted.current = null
    element.focus({ preventScroll: true })
  })

  const focusRow = useCallback(
    (index: number) => {
      const row = latest.current.rows[index]
      if (row === undefined) return
      wanted.current = row.key
      setCurrent(row.key)
      list.current?.scrollToIndex(index, { align: 'nearest' })
      elementOf(row.key)?.focus({ preventScroll: true })
    },
    [list, elementOf],
  )

  /** The nearest message from `index` on, in the direction of `step`. */
  function next(index: number, step: 1 | -1): number {
    const { rows, targetOf } = latest.current
    for (let at = index; at >= 0 && at < rows.length; at += step) if (targetOf(rows[at]) !== null) return at
    return -1
  }

  const focusLast = useCallback(() => {
    const index = next(latest.current.rows.length - 1, -1)
    if (index !== -1) focusRow(index)
  }, [focusRow])

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.metaKey || event.altKey || event.shiftKey || event.ctrlKey) return
    const { rows, targetOf, actsOf, onMenu, onAct } = latest.current
    const element = event.target as HTMLElement
    const key = element.dataset['key']
    // Keys pressed on a button or link inside a message belong to it.
    if (key === undefined && element !== event.currentTarget) return
    const index = key === undefined ? -1 : rows.findIndex((row) => row.key === key)
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const step = event.key === 'ArrowUp' ? -1 : 1
      const to = index === -1 ? (step === -1 ? next(rows.length - 1, -1) : -1) : next(index + step, step)
      event.preventDefault()
      if (to !== -1) focusRow(to)
      return
    }
    if (event.key === 'Escape') {
      const field = document.querySelector<HTMLElement>('[data-testid="composer"]')
      if (field === null) return
      event.preventDefault()
      field.focus({ preventScroll: true })
      return
    }
    const target = targetOf(rows[index])
    if (target === null) return
    const act = keys[event.key]
    if (event.key === 'Enter') onMenu(target, { ...placeBelow(element.querySelector('.message-line > *') ?? element), byKey: true })
    else if (act !== undefined && actsOf(target).includes(act)) onAct(act, target, placeBelow(element))
    else return
    event.preventDefault()
  }

  const currentIndex = current === null ? -1 : keyed.rows.findIndex((row) => row.key === current)
  const keepMounted = useMemo(() => (currentIndex === -1 ? [] : [currentIndex]), [currentIndex])
  return { onKeyDown, focusLast, keepMounted }
}
