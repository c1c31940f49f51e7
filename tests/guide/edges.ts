/** The part of JSON Schema that the published documents use. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly items?: Schema | readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
}

/** Texts that patterns are about: each is good for one field of the wire and bad for others. */
const TEXTS = [
  '',
  ' ',
  '\n',
  'a',
  'abc',
  'ABC',
  'aB3._-',
  '-abc',
  'a b',
  '가나다',
  '\u212Aabc',
  'a\0b',
  'a\nb',
  'a\u0085b',
  'a\u2028b',
  '\u202Eabc',
  'abc\n',
  '019adf00-0000-7000-8000-000000000001',
  '019ADF00-0000-7000-8000-000000000001',
  '019adf00-0000-7000-8000-000000000001\n',
  '37.56650,126.97800',
  '90.00000,180.00000',
  '-90.00000,-180.00000',
  '90.00001,0.00000',
  '0.00000,180.00001',
  '0.00000,-199.00000',
  '89.99999,179.99999',
  '09.00000,079.00000',
  '99.00000,0.00000',
  '37.5665,126.97800',
  'everyone',
  'INVITE-code_0123',
] as const

/** Values of other types than a field has. */
const STRANGE: readonly unknown[] = [null, true, 7, 1.5, 'text', [], {}]

/**
 * Values at the edges of a schema, some of which it accepts.
 * @param good a value that it accepts.
 * @param ids different ids with which lists of ids are filled.
 */
export function edgesOf(schema: Schema, good: unknown, ids: readonly string[]): unknown[] {
  if (schema.anyOf !== undefined) return [...STRANGE, ...schema.anyOf.flatMap((one) => edgesOf(one, good, ids))]
  if (schema.properties !== undefined) return [...STRANGE, ...objects(schema.properties, good as Record<string, unknown>, ids)]
  if (schema.type === 'string') return [...STRANGE, ...TEXTS, ...lengths(schema)]
  if (schema.type === 'integer') return [...STRANGE, '1', ...numbers(schema)]
  if (schema.type === 'array') return [...STRANGE, ...arrays(schema, good, ids)]
  return [...STRANGE, schema.const, `${String(schema.const)}x`]
}

function objects(properties: Readonly<Record<string, Schema>>, good: Record<string, unknown>, ids: readonly string[]): unknown[] {
  if (typeof good !== 'object' || good === null || Array.isArray(good)) return []
  const found: unknown[] = [good, { ...good, unknown: 1 }]
  for (const [name, schema] of Object.entries(properties)) {
    const { [name]: own, ...without } = good
    found.push(without, ...edgesOf(schema, own, ids).map((value) => ({ ...good, [name]: value })))
  }
  return found
}

function lengths({ minLength, maxLength }: Schema): string[] {
  const found: string[] = []
  if (minLength !== undefined && minLength > 0) found.push('a'.repeat(minLength - 1), 'a'.repeat(minLength))
  if (maxLength !== undefined) {
    // A code point outside the basic plane is two units of UTF-16 and one character of JSON Schema.
    for (const letter of ['a', '🔥']) found.push(letter.repeat(maxLength), letter.repeat(maxLength + 1))
  }
  return found
}

function numbers({ minimum, maximum }: Schema): number[] {
  const found = [0, 1, -1, 1e300]
  if (minimum !== undefined) found.push(minimum - 1, minimum)
  if (maximum !== undefined) found.push(maximum, maximum + 1)
  return found
}

function arrays(schema: Schema, good: unknown, ids: readonly string[]): unknown[] {
  const { items, minItems = 0, maxItems } = schema
  if (!Array.isArray(good) || good.length === 0) return [[]]
  const [first] = good as unknown[]
  if (Array.isArray(items)) {
    const tuple = items as readonly Schema[]
    const inside = tuple.flatMap((one, index) => edgesOf(one, (good as unknown[])[index], ids).map((value) => (good as unknown[]).with(index, value)))
    return [(good as unknown[]).slice(1), [...(good as unknown[]), 1], ...inside]
  }
  const many = (count: number): unknown[] => Array.from({ length: count }, (_, index) => (typeof first === 'string' ? ids[index] : first))
  const inside = edgesOf(items as Schema, first, ids).map((value) => [value])
  const counts = [minItems - 1, minItems, ...(maxItems === undefined ? [] : [maxItems, maxItems + 1])].filter((count) => count >= 0)
  return [...counts.map(many), [first, first], ...inside]
}
