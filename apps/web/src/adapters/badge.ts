/** Shows the unread total outside the app: in the title, the tab icon and the app icon. */
export function showBadge(count: number, appName: string): void {
  document.title = count === 0 ? appName : `(${count > 999 ? '999+' : count}) ${appName}`
  const icon = count === 0 ? '/favicon.svg' : '/favicon-unread.svg'
  const link = document.querySelector('link[rel="icon"]')
  // Setting the same address would load it again.
  if (link?.getAttribute('href') !== icon) link?.setAttribute('href', icon)
  const { setAppBadge, clearAppBadge } = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>
  const shown = count === 0 ? clearAppBadge?.call(navigator) : setAppBadge?.call(navigator, count)
  // Refused when the app is not installed. The title still shows the number.
  shown?.catch(() => undefined)
}
