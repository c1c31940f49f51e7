/** Bodies are shallow. A deeper value is a mistake or an attempt to exhaust the stack. */
const depthMax = 16

/**
 * Canonical JSON of a value, so that the same value has the same hash on every machine and in every language: RFC 8785 (JSON Canonicalization
 * Scheme). No spaces; object names sorted by UTF-16 code units; numbers and strings as ECMAScript's JSON.stringify writes them: 1.0 is 1, -0 is 0,
 * 1e21 is 1e+21.
 *
 * @throws TypeError for values that JSON would change: NaN, infinities, undefined, lone surrogates, dates, classes.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (depth > depthMax) throw new TypeError(`nested deeper than ${depthMax}`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') return writeString(value)
  if (Array.isArray(value)) return `[${Array.from(value, (part: unknown) => write(part, depth + 1)).join(',')}]`
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects can be recorded')
    const parts = value as Readonly<Record<string, unknown>>
    // The default sort order is by UTF-16 code units, as RFC 8785 requires.
    const names = Object.keys(parts).sort()
    return `{${names.map((name) => `${writeString(name)}:${write(parts[name], depth + 1)}`).join(',')}}`
  }
  throw new TypeError(`${typeof value} cannot be recorded`)
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate cannot be recorded')
  return JSON.stringify(text)
}
