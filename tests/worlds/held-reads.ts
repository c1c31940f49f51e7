/** Answers of a store that come when the test says so. */
export interface HeldReads {
  /** How many calls wait for their answer. */
  readonly waiting: number
  readonly names: readonly string[]
  /** Gives the answer of one waiting call, by its place modulo how many there are; nothing when none waits. */
  release(place: number): void
  fail(place: number, cause: Error): void
  /** Answers all that wait, and from now on everything at once. */
  free(): void
}

interface Held {
  readonly name: string
  readonly answer: () => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (cause: unknown) => void
}

/**
 * Wraps a port. Each call is looked up either when it is made or when it is answered, as `early` says for the n-th call: a real store may
 * do either, and anything in between.
 */
export function holdReads(early: (n: number) => boolean = () => true): {
  readonly held: HeldReads
  readonly wrap: <Port extends object>(port: Port, ...names: (keyof Port & string)[]) => Port
} {
  const queue: Held[] = []
  let calls = 0
  let isFree = false

  function answer({ answer: look, resolve, reject }: Held): void {
    look().then(resolve, reject)
  }

  function take(place: number): Held | undefined {
    return queue.length === 0 ? undefined : queue.splice(place % queue.length, 1)[0]
  }

  const held: HeldReads = {
    get waiting() {
      return queue.length
    },
    get names() {
      return queue.map(({ name }) => name)
    },
    release(place) {
      const one = take(place)
      if (one !== undefined) answer(one)
    },
    fail: (place, cause) => take(place)?.reject(cause),
    free() {
      isFree = true
      for (const one of queue.splice(0)) answer(one)
    },
  }

  function wrap<Port extends object>(port: Port, ...names: (keyof Port & string)[]): Port {
    const wrapped = names.map((name) => {
      const read = port[name] as (...args: unknown[]) => Promise<unknown>
      const hold = (...args: unknown[]): Promise<unknown> => {
        if (isFree) return read(...args)
        const now = early(calls++) ? read(...args) : null
        return new Promise((resolve, reject) => {
          queue.push({ name, answer: () => now ?? read(...args), resolve, reject })
        })
      }
      return [name, hold] as const
    })
    return { ...port, ...Object.fromEntries(wrapped) }
  }
  return { held, wrap }
}
