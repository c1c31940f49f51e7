/**
 * Some phones lay their keyboard over the page instead of shrinking it. This passes the visible height to base.css, so that the composer is always
 * above the keyboard.
 */
export function followVisibleHeight(): void {
  const { visualViewport } = window
  if (visualViewport === null) return
  const put = (): void => {
    // Zooming in with two fingers shows less, but nothing should move.
    if (visualViewport.scale > 1.01) return
    document.documentElement.style.setProperty('--visible-height', `${Math.round(visualViewport.height)}px`)
    // The page itself never scrolls, but iOS scrolls it to show the field.
    if (scrollY !== 0) scrollTo(0, 0)
  }
  visualViewport.addEventListener('resize', put)
  visualViewport.addEventListener('scroll', put)
  // Asking for the height now would lay the page out before there is anything on it.
  requestAnimationFrame(put)
}
