import type { Clock } from '../clock.ts'

/** Asks one question at a time, and gives the same answer to whoever asks within some time. */
export function held<Answer>(clock: Clock, holdsMs: number, ask: () => Promise<Answer>): () => Promise<Answer> {
  let known: { readonly at: number; readonly answer: Answer } | null = null
  let asking: Promise<Answer> | null = null
  return () => {
    if (known !== null && clock.monotonic() - known.at < holdsMs) return Promise.resolve(known.answer)
    asking ??= ask()
      .then((answer) => {
        known = { at: clock.monotonic(), answer }
        return answer
      })
      .finally(() => {
        asking = null
      })
    return asking
  }
}
