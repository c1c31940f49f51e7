/**
 * A key that an input method uses is none of the app's: the Enter that ends a composition must send nothing, and Esc must close nothing. Safari
 * reports these keys after `isComposing` is already false, with the code 229. They stop here, before every other listener. Texts arrive as `input`.
 */
export function keepComposingKeys(): void {
  addEventListener('keydown', (event) => (event.isComposing || event.keyCode === 229) && event.stopImmediatePropagation(), { capture: true })
}
