/** The unread total where it can be seen without the app in front: title, tab icon, app icon. */
export function showBadge(count: number, appName: string): void {
  document.title = count === 0 ? appName : `(${count > 999 ? '999+' : count}) ${appName}`
  document.querySelector('link[rel="icon"]')?.setAttribute('href', count === 0 ? '/favicon.svg' : '/favicon-unread.svg')
  const { setAppBadge, clearAppBadge } = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>
  const shown = count === 0 ? clearAppBadge?.call(navigator) : setAppBadge?.call(navigator, count)
  // Refused when the app is not installed: the title says it all the same.
  shown?.catch(() => undefined)
}
