/** Random numbers that are a pure function of a seed. */
export class Chance {
  #a: number
  #b: number
  #c: number
  #d = 1
  #uuids = 0
  readonly #seed: number

  /** @param seed any whole number; @param name sets one use apart from another of the same seed. */
  constructor(seed: number, name = '') {
    this.#seed = seed
    this.#a = hash(`${seed} ${name}`)
    this.#b = hash(`${name} ${seed}`)
    this.#c = this.#a ^ 0x9e3779b9
    for (let turn = 0; turn < 12; turn++) this.next()
  }

  /** Uniform in [0, 1): sfc32 (Doty-Humphrey, PractRand). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  may(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  /** Numbers of its own for each use, so that one use more or less does not change those of the others. */
  fork(name: string): Chance {
    return new Chance(this.#seed, name)
  }

  /** A UUID that no other Chance of this run makes. */
  uuid(): string {
    const hex = (digits: number): string =>
      this.below(16 ** digits)
        .toString(16)
        .padStart(digits, '0')
    return `${hex(4)}${hex(4)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(4)}${hex(4)}${(++this.#uuids % 65_536).toString(16).padStart(4, '0')}`
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value | 0
}
