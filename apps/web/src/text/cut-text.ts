const linesMax = 20
/** About twenty lines of a bubble on a phone. */
const unitsMax = 600

/** The beginning of a text of more than twenty lines. Null when the text is short enough to show in full. */
export function cutText(text: string): string | null {
  let end = -1
  for (let line = 0; line < linesMax; line++) {
    const next = text.indexOf('\n', end + 1)
    if (next === -1) {
      end = text.length
      break
    }
    end = next
  }
  // A slightly longer text is shown in full: a button for three more words is a nuisance.
  if (end === text.length && text.length <= unitsMax * 1.3) return null
  return clip(text, Math.min(end, unitsMax))
}

/** The first units of a text, without half a character at the end. */
export function clip(text: string, units: number): string {
  const cut = text.slice(0, units)
  return cut.length < text.length && /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}
