/** Whether the server has another version of the app by now, whose files have other names [C9]. An unreachable server says nothing. */
export async function isReplaced(): Promise<boolean> {
  const own = document.querySelector('script[type="module"][src]')?.getAttribute('src')
  if (own === null || own === undefined) return false
  try {
    // The query makes the service worker pass the request to the network.
    const page = await fetch(`/index.html?at=${Date.now()}`, { cache: 'no-store' })
    return page.ok && !(await page.text()).includes(own)
  } catch {
    return false
  }
}
