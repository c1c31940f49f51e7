/** Random numbers that are the same for the same seed: sfc32 of PractRand. Its 128 bits of state suffice for a year with rare events. */
export class Random {
  #a: number
  #b = 0x9e3779b9
  #c = 0x243f6a88
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    for (let round = 0; round < 15; round += 1) this.next()
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.next()
  }

  chance(part: number): boolean {
    return this.next() < part
  }

  /** Waiting time until the next event of a rate of one in `meanMs`. */
  wait(meanMs: number): number {
    return -Math.log(1 - this.next()) * meanMs
  }

  /** How many of `count` things happen, each with the chance `part`. Large counts use the normal approximation. */
  of(count: number, part: number): number {
    if (count <= 0 || part <= 0) return 0
    if (part >= 1) return count
    const mean = count * part
    if (count <= 40) {
      let happened = 0
      for (let each = 0; each < count; each += 1) if (this.next() < part) happened += 1
      return happened
    }
    if (mean < 30) return Math.min(count, this.#poisson(mean))
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return Math.max(0, Math.min(count, Math.round(mean + normal * Math.sqrt(mean * (1 - part)))))
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)] as T
  }

  #poisson(mean: number): number {
    const end = Math.exp(-mean)
    let happened = 0
    for (let product = this.next(); product > end; product *= this.next()) happened += 1
    return happened
  }
}
