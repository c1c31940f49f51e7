/**
 * Some phones lay their keyboard over the page instead of shrinking it. This passes the visible height to base.css, so that the composer is always
 * above the keyboard.
 */
export function followVisibleHeight(): void {
  const { visualViewport } = window
  if (visualViewport === null) return
  const root = document.documentElement
  const put = (): void => {
    // Zooming in with two fingers shows less, but nothing should move.
    if (visualViewport.scale > 1.01) return
    // Read before anything is written, or the page would be laid out in between.
    const isScrolled = scrollY !== 0
    const height = Math.round(visualViewport.height)
    const last = Number.parseInt(root.style.getPropertyValue('--visible-height')) || root.clientHeight
    // A new value styles the whole page anew.
    if (height !== last) root.style.setProperty('--visible-height', `${height}px`)
    // The page itself never scrolls, but iOS scrolls it to show the field.
    if (isScrolled) scrollTo(0, 0)
  }
  visualViewport.addEventListener('resize', put)
  visualViewport.addEventListener('scroll', put)
  // Asking for the height now would lay the page out before there is anything on it.
  requestAnimationFrame(put)
}
