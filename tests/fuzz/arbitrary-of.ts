import fc from 'fast-check'

// Values made from the very schemas that the server checks with, and then spoiled.

/** As much of a JSON Schema as the protocol's schemas use. */
interface Plain {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly object[]
  readonly properties?: Readonly<Record<string, object>>
  readonly required?: readonly string[]
  readonly minProperties?: number
  readonly items?: object | readonly object[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

/** Longest list and string that is made by itself; longer ones are made on purpose, by spoiling. */
const LONG = 12

/** What passes the schema. `known` are ids that name something, which are used most of the time. */
export function arbitraryOf(schema: object, known: readonly string[]): fc.Arbitrary<unknown> {
  const plain = schema as unknown as Plain
  if ('const' in plain) return fc.constant(plain.const)
  if (plain.enum !== undefined) return fc.constantFrom(...plain.enum)
  if (plain.anyOf !== undefined) return fc.oneof(...plain.anyOf.map((one) => arbitraryOf(one, known)))
  switch (plain.type) {
    case 'string':
      return stringOf(plain, known)
    case 'integer':
      return fc.oneof(
        fc.integer({ min: plain.minimum ?? 0, max: Math.min(plain.maximum ?? 50, (plain.minimum ?? 0) + 50) }),
        fc.constantFrom(plain.minimum ?? 0, plain.maximum ?? Number.MAX_SAFE_INTEGER),
      )
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      if (Array.isArray(plain.items)) return fc.tuple(...(plain.items as readonly object[]).map((one) => arbitraryOf(one, known)))
      return fc.array(arbitraryOf(plain.items as object, known), {
        minLength: plain.minItems ?? 0,
        maxLength: Math.min(plain.maxItems ?? LONG, LONG),
      })
    case 'object': {
      const properties = Object.entries(plain.properties ?? {}).map(([name, one]) => [name, arbitraryOf(one, known)] as const)
      const record = fc.record(Object.fromEntries(properties), { requiredKeys: [...(plain.required ?? [])], noNullPrototype: true })
      return record.filter((value) => Object.keys(value).length >= (plain.minProperties ?? 0))
    }
    default:
      throw new Error(`no values are made of ${JSON.stringify(schema)}`)
  }
}

function stringOf({ pattern, minLength = 0, maxLength = 60 }: Plain, known: readonly string[]): fc.Arbitrary<string> {
  if (pattern?.startsWith('^[0-9a-f]{8}-') === true)
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: fc.uuid() })
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, maxLength).padEnd(minLength, 'x'))
  return fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 60) })
}

/** Anything that JSON can say, and some things that have broken programs before. */
export const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '',
    [],
    {},
    -1,
    0.5,
    1e308,
    -0,
    Number.MAX_SAFE_INTEGER + 2,
    '__proto__',
    'constructor',
    { __proto__: null },
    { toString: 1 },
    { length: -1 },
    '\0',
    '\ud800',
    '١٢٣',
    "' OR 1=1 --",
    '../../etc/passwd',
    '%00',
    'true',
    '1e3',
  ),
  fc.integer({ min: 100, max: 20_000 }).map((length) => '가'.repeat(length)),
  fc.integer({ min: 100, max: 3_000 }).map((length) => Array.from({ length }, () => 0)),
  fc.integer({ min: 10, max: 2_000 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
)

type Spoiling = 'as it is' | 'field gone' | 'field more' | 'field strange' | 'deep strange' | 'whole strange'

/** The value, or the value spoiled in one place. */
export function spoiled(good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const how = fc.constantFrom<Spoiling>('as it is', 'field gone', 'field more', 'field strange', 'deep strange', 'whole strange')
  return fc.tuple(good, how, fc.nat(), strange, fc.string({ maxLength: 8 })).map(([value, spoiling, place, odd, name]) => {
    if (spoiling === 'whole strange') return odd
    if (spoiling === 'as it is' || typeof value !== 'object' || value === null) return value
    const copy = structuredClone(value) as Record<string, unknown>
    const names = Object.keys(copy)
    const chosen = names[place % Math.max(1, names.length)] ?? name
    if (spoiling === 'field gone') delete copy[chosen]
    else if (spoiling === 'field more') copy[name] = odd
    else if (spoiling === 'deep strange' && typeof copy[chosen] === 'object' && copy[chosen] !== null)
      (copy[chosen] as Record<string, unknown>)[Object.keys(copy[chosen])[0] ?? '0'] = odd
    else copy[chosen] = odd
    return copy
  })
}

/** Text with a few of its characters changed, taken out, doubled or cut off. */
export function scratched(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.constantFrom('change', 'remove', 'double', 'cut', 'insert'), fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
    .map(([whole, how, place, odd]) => {
      const at = place % Math.max(1, whole.length)
      if (how === 'cut') return whole.slice(0, at)
      if (how === 'remove') return whole.slice(0, at) + whole.slice(at + 1)
      if (how === 'double') return whole + whole.slice(at)
      return whole.slice(0, at) + odd + whole.slice(how === 'insert' ? at : at + 1)
    })
}
