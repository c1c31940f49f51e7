/**
 * Some phones lay their keyboard over the page instead of making it smaller. The visible height is put where shell.css finds it, so that the
 * composer always stands above the keyboard.
 */
export function followVisibleHeight(): void {
  const { visualViewport } = window
  if (visualViewport === null) return
  const put = (): void => {
    // Zoomed in with two fingers, less is visible, but nothing should move.
    if (visualViewport.scale > 1.01) return
    document.documentElement.style.setProperty('--visible-height', `${Math.round(visualViewport.height)}px`)
    // The page itself never scrolls; iOS does it all the same to show the field.
    if (scrollY !== 0) scrollTo(0, 0)
  }
  visualViewport.addEventListener('resize', put)
  put()
}
