/**
 * SHA-256 (FIPS 180-4). Written out because the platform's own is there only in secure contexts, and answers later: this one works wherever the
 * app does, and a simulated run of it is the same each time.
 */
const K = constants(64, 3)
const START = constants(8, 2)

export function sha256(bytes: Uint8Array): string {
  const state = START.slice()
  const padded = pad(bytes)
  const view = new DataView(padded.buffer)
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getUint32(at + 4 * index)
    round(state, words)
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

function round(state: Uint32Array, words: Uint32Array): void {
  const word = (index: number): number => words[index] as number
  for (let index = 16; index < 64; index++) {
    const early = word(index - 15)
    const late = word(index - 2)
    const mixed = (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))
    words[index] = word(index - 16) + word(index - 7) + mixed
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let index = 0; index < 64; index++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (K[index] as number) + word(index)) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((value, index) => (state[index] = (state[index] as number) + value))
}

function turn(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}

/** A one bit, zeros, and the length in bits, up to a whole number of blocks. */
function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0)
  return padded
}

/** The first 32 bits of the fractional parts of the roots of the first primes: the standard's own numbers. */
function constants(count: number, root: number): Uint32Array {
  const numbers = new Uint32Array(count)
  let found = 0
  for (let candidate = 2; found < count; candidate++) if (isPrime(candidate)) numbers[found++] = fraction(candidate, root)
  return numbers
}

function fraction(of: number, root: number): number {
  // Exact, in integers: the root of n times 2^(32·root), by halving.
  const target = BigInt(of) << BigInt(32 * root)
  let low = 0n
  let high = 1n << 40n
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** BigInt(root) <= target) low = middle
    else high = middle
  }
  return Number(low & 0xffffffffn)
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}
