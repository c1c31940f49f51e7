/** Parts of a bubble that are not its text. */
const around = '.quote, .bubble-more'

/** The selected text of each message in the log, by its key, in order. Messages of which nothing is selected are left out. */
export function selectedTexts(log: Element, selection: Selection | null): readonly { readonly key: string; readonly text: string }[] {
  if (selection === null || selection.rangeCount === 0 || selection.isCollapsed) return []
  const range = selection.getRangeAt(0)
  return [...log.querySelectorAll<HTMLElement>('[data-testid="message"]')].flatMap((message) => {
    const bubble = message.querySelector('.bubble, .bubble-large')
    const key = message.dataset['key']
    if (bubble === null || key === undefined || !range.intersectsNode(bubble)) return []
    const part = document.createRange()
    part.selectNodeContents(bubble)
    if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset)
    if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset)
    const selected = part.cloneContents()
    for (const node of selected.querySelectorAll(around)) node.remove()
    const text = selected.textContent ?? ''
    return text === '' ? [] : [{ key, text }]
  })
}
