interface Planned {
  readonly at: number
  readonly order: number
  run: (() => void) | null
}

/** Turns of the event loop are dear; microtasks run between these all the same. */
const EVENTS_PER_TURN = 64

/**
 * All that happens in a simulated world, in one order. Between two events every promise that can go on does go on, so nothing depends on
 * what the machine does meanwhile.
 */
export class EventQueue {
  /** Simulated ms since the beginning. */
  now = 1_000
  events = 0
  readonly #heap: Planned[] = []
  #order = 0

  /** @returns a function that cancels. */
  add(delayMs: number, run: () => void): () => void {
    const planned: Planned = { at: this.now + Math.max(0, delayMs), order: this.#order++, run }
    this.#push(planned)
    return () => {
      planned.run = null
    }
  }

  /** Lets time pass: each event at its own moment. Rejects with what an event threw. */
  pass(ms: number): Promise<void> {
    const until = this.now + ms
    return new Promise((resolve, reject) => {
      let over = false
      const step = (last: boolean): void => {
        if (over) return
        try {
          over = !this.#step(until)
        } catch (fault) {
          over = true
          return reject(fault instanceof Error ? fault : new Error(String(fault)))
        }
        if (over) {
          this.now = until
          resolve()
        } else if (last) turn()
      }
      const turn = (): void => {
        for (let left = EVENTS_PER_TURN; left > 0; left--) setImmediate(step, left === 1)
      }
      turn()
    })
  }

  #step(until: number): boolean {
    for (let top = this.#heap[0]; top !== undefined && top.at <= until; top = this.#heap[0]) {
      this.#pop()
      if (top.run === null) continue
      this.now = Math.max(this.now, top.at)
      this.events++
      top.run()
      return true
    }
    return false
  }

  #push(planned: Planned): void {
    const heap = this.#heap
    let place = heap.push(planned) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above] as Planned
      if (!isBefore(planned, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = planned
  }

  #pop(): void {
    const heap = this.#heap
    const moved = heap.pop() as Planned
    if (heap.length === 0) return
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Planned, heap[below] as Planned)) below++
      if (!isBefore(heap[below] as Planned, moved)) break
      heap[place] = heap[below] as Planned
      place = below
    }
    heap[place] = moved
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
