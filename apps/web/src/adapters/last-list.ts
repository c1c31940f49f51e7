// What public/last-list.js draws before the program is there: the list of chats as it was last seen.

const key = 'bongsu.list'
/** Longer is not kept, in UTF-16 units. */
const charsMax = 200_000
/** What is true only while the program runs. */
const left = '.connection-place, .update-line, .toasts, .visually-hidden, [data-testid="older-line"]'

/** Text, or an element. Styles of its own are not kept, which the content security policy would refuse; nor what tests look for. */
type Kept = string | readonly [namespace: string | null, name: string, attributes: readonly (readonly [string, string])[], children: readonly Kept[]]

function keptOf(node: Node): Kept | null {
  if (node instanceof Text) return node.data
  // Rows below the screen would only be laid out in vain.
  if (!(node instanceof Element) || node.matches(left) || node.getBoundingClientRect().top >= innerHeight) return null
  const attributes = [...node.attributes].flatMap(({ name, value }) => (isKept(name) ? [[name, value] as const] : []))
  const children = [...node.childNodes].map(keptOf).filter((child) => child !== null)
  return [node.namespaceURI, node.localName, attributes, children]
}

function isKept(name: string): boolean {
  return name !== 'style' && name !== 'id' && name !== 'data-testid' && !name.startsWith('on')
}

/** Keeps the screen for the next start. Where there is no place for it the next start is a little slower. */
export function keepLastList(screen: Element, wide: boolean): void {
  const kept = JSON.stringify({ day: new Date().toDateString(), language: document.documentElement.lang, wide, screen: keptOf(screen) })
  try {
    if (kept.length > charsMax) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  } catch {
    forgetLastList()
  }
}

/** Nobody is signed in any more: what was on the screen is nobody else's to see. */
export function forgetLastList(): void {
  try {
    localStorage.removeItem(key)
  } catch {
    return
  }
}

/** The program has something to show. */
export function dropLastList(): void {
  document.getElementById('last-list')?.remove()
}
