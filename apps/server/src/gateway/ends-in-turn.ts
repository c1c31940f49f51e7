import type { Duplex } from 'node:stream'

/** Connection ends handled in one turn of the event loop. Each costs some tens of microseconds. */
export const ENDS_PER_TURN = 32

const waiting: (() => void)[] = []

function work(): void {
  const ends = waiting.splice(0, ENDS_PER_TURN)
  if (waiting.length > 0) setImmediate(work)
  for (const end of ends) end()
}

type Listener = (this: Duplex) => void

/** For each listener the one that delays it. Sockets share them: an idle connection consists mostly of such small objects. */
const delaying = { end: new WeakMap<Listener, Listener>(), close: new WeakMap<Listener, Listener>() }

/**
 * Delays the handling of a connection's end until its turn. The kernel reports ends in order. After ten thousand of them, as when a proxy restarts,
 * everything else would wait half a second for their handling. The delay costs nothing: frames sent to such a connection meanwhile are lost, as they
 * would have been a moment before, and the device finds them by its cursor.
 */
export function endInTurn(socket: Duplex, listenersBefore: ReadonlySet<unknown>): void {
  for (const event of ['end', 'close'] as const) {
    for (const listener of socket.listeners(event) as Listener[]) {
      if (listenersBefore.has(listener)) continue
      socket.off(event, listener)
      // In the order of the events, so that no `end` is handled after its `close`.
      socket.on(event, delayed(event, listener))
    }
  }
}

function delayed(event: 'end' | 'close', listener: Listener): Listener {
  const known = delaying[event].get(listener)
  if (known !== undefined) return known
  const delay: Listener = function () {
    // The connection is already closed in order from both sides. `ws` would only end it twice more, and each of these would create an error with
    // a stack.
    if (event === 'end' && this.writableEnded) return
    if (waiting.length === 0) setImmediate(work)
    waiting.push(() => listener.call(this))
  }
  delaying[event].set(listener, delay)
  return delay
}
