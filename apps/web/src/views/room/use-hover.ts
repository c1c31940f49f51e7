import { useEffect, useState, type RefObject } from 'react'

interface Hover {
  readonly key: string
  /** Where there is room for the bar. */
  readonly side: 'beside' | 'above' | 'below'
}

/** Height of the bar above or below a message. */
const barHeightPx = 46
/** Width of the bar and the space around it. */
const barPx = 250

/** The message under the mouse. Touch uses the menu instead. */
export function useHover(log: RefObject<HTMLElement | null>, wanted: boolean): Hover | null {
  const [hover, setHover] = useState<Hover | null>(null)
  useEffect(() => {
    const found = log.current
    if (found === null || !wanted) return
    const element: HTMLElement = found
    function onOver(event: PointerEvent): void {
      if (event.pointerType !== 'mouse' || event.buttons !== 0) return
      const message = (event.target as Element).closest<HTMLElement>('[data-testid="message"]')
      const key = message?.dataset['key']
      if (message === null || key === undefined) {
        setHover(null)
        return
      }
      const line = message.querySelector('.message-line')
      const [inner, outer] = [
        [...(line?.children ?? [])].filter((child) => !child.classList.contains('hover-place')),
        element.getBoundingClientRect(),
      ]
      const edges = inner.map((child) => child.getBoundingClientRect())
      const free =
        message.dataset['mine'] === 'true'
          ? Math.min(...edges.map(({ left }) => left)) - outer.left
          : outer.right - Math.max(...edges.map(({ right }) => right))
      const hasAbove = message.getBoundingClientRect().top - outer.top >= barHeightPx
      const side = free >= barPx ? 'beside' : hasAbove ? 'above' : 'below'
      setHover((before) => (before?.key === key && before.side === side ? before : { key, side }))
    }
    const onLeave = (): void => setHover(null)
    element.addEventListener('pointerover', onOver)
    element.addEventListener('pointerleave', onLeave)
    return () => {
      element.removeEventListener('pointerover', onOver)
      element.removeEventListener('pointerleave', onLeave)
      setHover(null)
    }
  }, [log, wanted])
  return hover
}
