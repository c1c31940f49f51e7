// Runs before the first paint: nobody sees a white flash at night, a word of the wrong language, or an empty screen where a list was seen last.
;(function () {
  const root = document.documentElement
  const giveUpMs = 10_000

  function read(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }

  /** The keys are those of src/adapters/settings-store.ts. */
  function takeSettings() {
    const kept = read('bongsu.theme')
    const bySystem = matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day'
    const theme = kept === 'day' || kept === 'night' ? kept : bySystem
    root.dataset.theme = theme
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', theme === 'night' ? '#121625' : '#fffdfa')
    const chosen = read('bongsu.language')
    const spoken = (navigator.language || 'ko').toLowerCase().startsWith('ko') ? 'ko' : 'en'
    root.lang = chosen === 'ko' || chosen === 'en' ? chosen : spoken
  }

  /** @param node text, or an element as [namespace, name, attributes, children]. */
  function made(node) {
    if (typeof node === 'string') return document.createTextNode(node)
    const element = document.createElementNS(node[0], node[1])
    for (const [name, value] of node[2]) element.setAttribute(name, value)
    element.append(...node[3].map(made))
    return element
  }

  /**
   * Draws the list of chats as it was last seen, because the program takes a second or two on a slow phone. src/adapters/last-list.ts stored it, and
   * removes the drawn one as soon as the program has something to show. Nothing in it can be pressed.
   */
  function drawLastList(place) {
    try {
      const kept = JSON.parse(read('bongsu.list'))
      const atChats = ['', '#', '#/', '#/chats'].includes(location.hash)
      const fits = kept !== null && kept.language === root.lang && kept.wide === matchMedia('(min-width: 721px)').matches
      if (!atChats || !fits) return place.remove()
      place.append(made(kept.screen))
      // A time of day says something else on another day.
      if (kept.day !== new Date().toDateString()) for (const time of place.querySelectorAll('.row-time')) time.remove()
    } catch {
      place.remove()
    }
    // Should the program never come, no picture stands for it.
    setTimeout(() => place.remove(), giveUpMs)
  }

  takeSettings()
  // Called when the body's first part is there, before that is painted.
  const watch = new MutationObserver(() => {
    const place = document.getElementById('last-list')
    if (place === null) return
    watch.disconnect()
    drawLastList(place)
  })
  watch.observe(root, { childList: true, subtree: true })
  addEventListener('DOMContentLoaded', () => watch.disconnect())
})()
