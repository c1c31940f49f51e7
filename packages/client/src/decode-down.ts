import { ENTRY_KINDS, fieldsOf, MARK_KINDS, type Check, type DownFrame, type Fields, type Schema } from '@bongsu/protocol'
import { DOWN_CHECKS } from './down-checks.ts'

export type DecodedDown = { readonly kind: 'frame'; readonly frame: DownFrame } | { readonly kind: 'unknown' } | { readonly kind: 'malformed' }

type Test = (value: unknown) => boolean

const isWhole = (value: unknown, minimum: number): boolean => Number.isSafeInteger(value) && (value as number) >= minimum

const PLAIN: Readonly<Record<Extract<Check, string>, Test>> = {
  s: (value) => typeof value === 'string',
  n: (value) => isWhole(value, 0),
  p: (value) => isWhole(value, 1),
  b: (value) => typeof value === 'boolean',
  a: () => true,
  body: (value) => isBody(value),
  mark: (value) => isMark(value),
}

const isBody = testOfKinds(
  {},
  kindsOf(ENTRY_KINDS, ({ schema }) => fieldsOf(schema, 'kind')),
)
const isMark = testOfKinds(
  { key: 's', change: 'n' },
  kindsOf(MARK_KINDS, ({ schema }) => ({ value: ['null-or', fieldsOf(schema, '')] })),
)

function kindsOf<Kind extends { readonly schema: Schema }>(
  table: Readonly<Record<string, Kind>>,
  fields: (kind: Kind) => Fields,
): Record<string, Fields> {
  return Object.fromEntries(Object.entries(table).map(([name, kind]) => [name, fields(kind)]))
}

const frames = new Map(Object.entries(DOWN_CHECKS).map(([type, fields]) => [type, testOfFields(fields)]))

/** Parses one down frame. Never throws. */
export function decodeDown(received: string): DecodedDown {
  let value: unknown
  try {
    value = JSON.parse(received)
  } catch {
    return { kind: 'malformed' }
  }
  if (!isRecord(value) || typeof value['t'] !== 'string') return { kind: 'malformed' }
  const test = frames.get(value['t'])
  if (test === undefined) return { kind: 'unknown' } // [seam: unknown-frame]
  const frame = value as unknown as DownFrame
  return test(value) && isInOrder(frame) ? { kind: 'frame', frame } : { kind: 'malformed' }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function testOf(check: Check): Test {
  if (typeof check === 'string') return PLAIN[check]
  if (!isList(check)) return testOfFields(check)
  if (check[0] === 'kinds') return testOfKinds(check[1], check[2])
  if (check[0] === 'tuple') {
    const items = check[1].map(testOf)
    return (value) => Array.isArray(value) && items.every((item, index) => item(value[index]))
  }
  const test = testOf(check[1])
  if (check[0] === 'null-or') return (value) => value === null || test(value)
  return (value) => Array.isArray(value) && value.every(test)
}

function isList(check: Exclude<Check, string>): check is Exclude<Check, string | Fields> {
  return Array.isArray(check)
}

function testOfFields(fields: Fields): Test {
  const tests = Object.entries(fields).map(([field, check]) => {
    const optional = field.endsWith('?')
    return { name: optional ? field.slice(0, -1) : field, optional, test: testOf(check) }
  })
  return (value) => isRecord(value) && tests.every(({ name, optional, test }) => (value[name] === undefined ? optional : test(value[name])))
}

function testOfKinds(always: Fields, kinds: Readonly<Record<string, Fields>>): Test {
  const common = testOfFields(always)
  const tests = new Map(Object.entries(kinds).map(([kind, fields]) => [kind, testOfFields(fields)]))
  return (value) => isRecord(value) && typeof value['kind'] === 'string' && common(value) && (tests.get(value['kind'])?.(value) ?? true)
}

/** Entries must be in order without a gap [D2]. A frame with a gap would make an invisible hole. */
function isInOrder(frame: DownFrame): boolean {
  if (frame.t === 'entries') return follows(frame.entries, frame.after)
  if (frame.t === 'reset') return follows(frame.entries, frame.head - frame.entries.length)
  return true
}

function follows(entries: readonly { readonly seq: number }[], after: number): boolean {
  return entries.every(({ seq }, index) => seq === after + 1 + index)
}
