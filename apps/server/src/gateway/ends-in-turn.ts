import type { Duplex } from 'node:stream'

/** Ends worked on in one turn of the event loop; the others follow in the next. Each costs some tens of microseconds. */
export const ENDS_PER_TURN = 32

const waiting: (() => void)[] = []

function work(): void {
  const ends = waiting.splice(0, ENDS_PER_TURN)
  if (waiting.length > 0) setImmediate(work)
  for (const end of ends) end()
}

/**
 * Puts off what is to be done about the end of a connection until its turn. The kernel tells of ends in the order in which they came, and what
 * comes after ten thousand of them, as when a proxy is started again, waits for all that is done about them: half a second. What is put off costs
 * nobody anything: whatever is sent to such a connection meanwhile is lost as it would have been a moment before, and found again by its cursor.
 */
export function endInTurn(socket: Duplex, listenersBefore: ReadonlySet<unknown>): void {
  for (const event of ['end', 'close'] as const) {
    for (const listener of socket.listeners(event) as (() => void)[]) {
      if (listenersBefore.has(listener)) continue
      socket.off(event, listener)
      // In the order of the events, so that no `end` is worked on after its `close`.
      socket.once(event, () => {
        // Closed in good order from both sides: all that `ws` would do is end twice more what has ended, each of which makes an error with its stack.
        if (event === 'end' && socket.writableEnded) return
        if (waiting.length === 0) setImmediate(work)
        waiting.push(() => listener.call(socket))
      })
    }
  }
}
