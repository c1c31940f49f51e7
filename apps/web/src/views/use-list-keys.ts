import { useEffect } from 'react'

/** Arrow keys move through the rows of every list: rooms, friends, members. */
export function useListKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null
      if (step === 0 || row === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      const rows = [...(row.closest('.list-scroll, .sheet-body')?.querySelectorAll<HTMLElement>('a.row, button.row') ?? [])]
      const next = rows[rows.indexOf(row) + step]
      event.preventDefault()
      next?.focus()
      next?.scrollIntoView({ block: 'nearest' })
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}
