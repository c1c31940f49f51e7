// Stores the list of chats as it was last shown. public/first-paint.js draws it before the program is loaded.

const key = 'bongsu.list'
/** A longer list is not stored, in UTF-16 units. */
const charsMax = 200_000
/** Elements that are true only while the program runs. */
const left = '.connection-place, .update-line, .toasts, .visually-hidden, [data-testid="older-line"]'

/** A text, or an element. Own styles are not stored, because the content security policy would refuse them. Neither are test ids. */
type Kept = string | readonly [namespace: string | null, name: string, attributes: readonly (readonly [string, string])[], children: readonly Kept[]]

function keptOf(node: Node): Kept | null {
  if (node instanceof Text) return node.data
  // Rows below the screen would cost layout time and stay invisible.
  if (!(node instanceof Element) || node.matches(left) || node.getBoundingClientRect().top >= innerHeight) return null
  const attributes = [...node.attributes].flatMap(({ name, value }) => (isKept(name) ? [[name, value] as const] : []))
  const children = [...node.childNodes].map(keptOf).filter((child) => child !== null)
  return [node.namespaceURI, node.localName, attributes, children]
}

function isKept(name: string): boolean {
  return name !== 'style' && name !== 'id' && name !== 'data-testid' && !name.startsWith('on')
}

/** Stores the screen for the next start. If it cannot be stored, the next start is a little slower. */
export function keepLastList(screen: Element, wide: boolean): void {
  const kept = JSON.stringify({ day: new Date().toDateString(), language: document.documentElement.lang, wide, screen: keptOf(screen) })
  try {
    if (kept.length > charsMax) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  } catch {
    forgetLastList()
  }
}

/** Nobody is signed in any more: the stored screen must not be shown to others. */
export function forgetLastList(): void {
  try {
    localStorage.removeItem(key)
  } catch {
    return
  }
}

/** The name of an entry in the stored list, on the line that shows it. */
export function shownName(conversationId: string, seq: number): string {
  return `${conversationId}:${seq}`
}

/** What these entries said is gone [I6]: a stored list that shows one of them is forgotten. */
export function forgetListOf(names: readonly string[]): void {
  try {
    const kept = names.length === 0 ? null : localStorage.getItem(key)
    if (kept !== null && names.some((name) => kept.includes(`"${name}"`))) forgetLastList()
  } catch {
    return
  }
}

/** Removes the stored list, because the program has something to show. */
export function dropLastList(): void {
  document.getElementById('last-list')?.remove()
}
