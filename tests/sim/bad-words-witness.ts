import type { DownFrameOf } from '@bongsu/protocol'
import { GATEWAY_BOUNDS } from '../../apps/server/src/gateway/bounds.ts'
import type { BadWord } from './bad-words.ts'
import type { Host } from './host.ts'

/** In this time a server has answered what is no frame. */
const BAD_WORD_MS = 2_000

/** What one connection has said that is no frame, and how that is answered [W1]. */
export class BadWordsWitness {
  readonly #expect: (held: boolean, promise: string, sentence: string) => void
  /** What is not answered yet. */
  readonly #owed: { readonly at: number; readonly answer: BadWord['answer'] }[] = []
  #count = 0

  constructor(expect: (held: boolean, promise: string, sentence: string) => void) {
    this.#expect = expect
  }

  /** It has reached the server. */
  said({ answer }: BadWord, now: number): void {
    this.#owed.push({ at: now, answer })
    this.#expect(++this.#count <= GATEWAY_BOUNDS.badFramesMax, 'W1', `a connection goes on after ${this.#count - 1} words that are no frame`)
  }

  /** The server says something. */
  heard(server: Host, now: number): void {
    const [first] = this.#owed
    // One that was itself stopped has had no time for it.
    if (first === undefined || Math.max(first.at, server.thawedAt) > now - BAD_WORD_MS) return
    this.#owed.length = 0
    this.#expect(false, 'W1', `what is to be refused as ${first.answer.code} (${first.answer.re}) is taken, or not answered`)
  }

  refused({ re, id, code }: DownFrameOf<'refused'>): void {
    const owed = this.#owed.shift()?.answer
    const isOwed = owed?.code === code && owed.re === re && owed.id === id
    this.#expect(isOwed, 'W1', `${code} (${re}, ${id}) is answered where ${owed?.code ?? 'nothing'} (${owed?.re}, ${owed?.id}) belongs`)
  }
}
