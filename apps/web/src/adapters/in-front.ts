/** Whether a person can see this window: it is visible, and it is the one they work in. */
export function isInFront(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}
