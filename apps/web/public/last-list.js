// Draws the list of chats as it was when it was last seen, before the program is there to draw it: on a slow phone that takes a second or two.
// It was kept by src/adapters/last-list.ts, and goes as soon as the program has something to show. Nobody can press anything in it.
;(function () {
  const giveUpMs = 10_000

  function read() {
    try {
      return JSON.parse(localStorage.getItem('bongsu.list'))
    } catch {
      return null
    }
  }

  /** @param node text, or an element as [namespace, name, attributes, children]. */
  function made(node) {
    if (typeof node === 'string') return document.createTextNode(node)
    const element = document.createElementNS(node[0], node[1])
    for (const [name, value] of node[2]) element.setAttribute(name, value)
    element.append(...node[3].map(made))
    return element
  }

  const place = document.getElementById('last-list')
  const kept = read()
  const atChats = ['', '#', '#/', '#/chats'].includes(location.hash)
  const fits = kept !== null && kept.language === document.documentElement.lang && kept.wide === matchMedia('(min-width: 721px)').matches
  if (!atChats || !fits) return place.remove()
  try {
    place.append(made(kept.screen))
    // A time of day says something else on another day.
    if (kept.day !== new Date().toDateString()) for (const time of place.querySelectorAll('.row-time')) time.remove()
  } catch {
    place.remove()
  }
  // Should the program never come, no picture stands for it.
  setTimeout(() => place.remove(), giveUpMs)
})()
