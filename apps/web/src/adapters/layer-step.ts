// Phones without CloseWatcher (Firefox, older Safari) have only the history for their back gesture. While layers are open, one step of the history
// stands for them: the gesture takes it away, and the topmost layer closes instead of the page [C22].

/** Longest wait for the step to go, in ms. At the beginning of the history there may be nothing to go back to, and no event says so. */
export const stepGoneMsMax = 500

/** The open layers, topmost last. */
const layers: (() => void)[] = []
/** What is done when the step is gone; null while nothing takes it away. */
let leaving: (() => void)[] | null = null
let giveUp: ReturnType<typeof setTimeout> | undefined

function isStep(): boolean {
  const state: unknown = history.state
  return typeof state === 'object' && state !== null && 'isLayer' in state && state.isLayer === true
}

/** Runs `then` on the page itself, not on the step of its layers. */
export function withoutLayerStep(then: () => void): void {
  if (leaving === null && !isStep()) {
    then()
    return
  }
  if (leaving === null) {
    history.back()
    giveUp = setTimeout(becomePage, stepGoneMsMax)
  }
  leaving = [...(leaving ?? []), then]
}

/** The step stays, as a page. */
function becomePage(): void {
  history.replaceState({ ...(history.state as object | null), isLayer: false }, '')
  left()
}

function left(): void {
  clearTimeout(giveUp)
  const run = leaving ?? []
  leaving = null
  for (const one of run) one()
}

function settle(): void {
  if (leaving !== null) return
  // With the depth of its page, for src/router.ts.
  if (layers.length > 0 && !isStep()) history.pushState({ depth: 0, ...(history.state as object | null), isLayer: true }, '')
  // Also after coming back to a step whose layers are long closed.
  else if (layers.length === 0 && isStep()) withoutLayerStep(() => undefined)
}

function onPopState(): void {
  if (leaving !== null) left()
  else if (!isStep()) layers.at(-1)?.()
  // Once the layer is gone from the screen.
  setTimeout(settle)
}

/** Call once, when the program starts. */
export function followBackGesture(): void {
  addEventListener('popstate', onPopState)
  setTimeout(settle)
}

/** A layer has opened. @returns what to call when it is closed. */
export function openLayer(close: () => void): () => void {
  layers.push(close)
  settle()
  return () => {
    layers.splice(layers.indexOf(close), 1)
    // Another layer may take its place at once.
    setTimeout(settle)
  }
}
