// Imported before all else. Where public/last-list.js has drawn something, it is shown before the rest of the program is run, which takes a slow phone a second.

/** Where no frame is drawn, as in a window that is covered. */
const noFrameMs = 100

if (document.querySelector('#last-list > *') !== null) {
  await new Promise<void>((resolve) => {
    // A frame's own callback comes before it is drawn; what is asked for there comes after.
    requestAnimationFrame(() => setTimeout(resolve))
    setTimeout(resolve, noFrameMs)
  })
}
