import { ENTRY_KINDS, MARK_KINDS } from './kinds.ts'

/**
 * A client's checks of a server's value, as data: small enough for browsers, which load no schema library. `s` a string · `n` an integer from 0 · `p`
 * an integer from 1 · `b` true or false · `a` anything. An object's checks are listed by field; a name that ends in `?` is optional. Other fields may
 * hold anything [W3].
 */
export type Check =
  | 's'
  | 'n'
  | 'p'
  | 'b'
  | 'a'
  | 'body'
  | 'mark'
  | Fields
  | readonly [of: 'list', item: Check]
  | readonly [of: 'tuple', items: readonly Check[]]
  | readonly [of: 'null-or', value: Check]
  /** By the field `kind`. An unlisted kind needs only the common fields: a newer server may send it [W3]. */
  | readonly [of: 'kinds', always: Fields, kinds: { readonly [kind: string]: Fields }]

export interface Fields {
  readonly [field: string]: Check
}

/** The part of JSON Schema used by the schemas of the down frames. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly minimum?: number
  readonly items?: Schema | readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
}

/** Checks of the fields of an object, from its JSON Schema. @param without a field that is checked elsewhere. */
export function fieldsOf({ properties = {}, required = [] }: Schema, without: string): Fields {
  const fields = Object.entries(properties).filter(([name]) => name !== without)
  return Object.fromEntries(fields.map(([name, schema]) => [required.includes(name) ? name : `${name}?`, checkOf(schema)]))
}

function checkOf(schema: Schema): Check {
  if (schema.anyOf !== undefined) return unionOf(schema.anyOf)
  // New strings may be added later, and the client decides what to do with an unknown one.
  if (schema.type === 'string' || typeof schema.const === 'string') return 's'
  if (schema.type === 'integer') return (schema.minimum ?? -1) > 0 ? 'p' : 'n'
  if (schema.type === 'boolean') return 'b'
  if (schema.type === 'object') return fieldsOf(schema, '')
  if (Array.isArray(schema.items)) return ['tuple', (schema.items as readonly Schema[]).map(checkOf)]
  if (schema.type === 'array') return ['list', checkOf(schema.items as Schema)]
  if (Object.keys(schema).length === 0) return 'a'
  throw new Error(`there is no check for ${JSON.stringify(schema)}`)
}

function unionOf(schemas: readonly Schema[]): Check {
  const values = schemas.filter(({ type }) => type !== 'null')
  const check = values.length === 1 ? checkOf(values[0] as Schema) : oneOf(values)
  return values.length === schemas.length ? check : ['null-or', check]
}

function oneOf(schemas: readonly Schema[]): Check {
  if (schemas.every((schema) => schema.type === 'string' || typeof schema.const === 'string')) return 's'
  const kinds = schemas.map((schema) => [schema.properties?.['kind']?.const, fieldsOf(schema, 'kind')] as const)
  if (kinds.some(([kind]) => typeof kind !== 'string')) throw new Error(`a union without distinguishing kinds: ${JSON.stringify(schemas)}`)
  const names = kinds.map(([kind]) => String(kind))
  if (names.every((name) => Object.hasOwn(ENTRY_KINDS, name))) return 'body'
  if (names.every((name) => Object.hasOwn(MARK_KINDS, name))) return 'mark'
  const always = inAll(kinds.map(([, fields]) => fields))
  const rest = kinds.map(([kind, fields]) => [kind, Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in always)))] as const)
  return ['kinds', always, Object.fromEntries(rest)]
}

/** The fields that are in each of these with the same check. */
function inAll([first = {}, ...others]: readonly Fields[]): Fields {
  const same = ([name, check]: [string, Check]): boolean => others.every((fields) => JSON.stringify(fields[name]) === JSON.stringify(check))
  return Object.fromEntries(Object.entries(first).filter(same))
}
