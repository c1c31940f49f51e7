import type { RecordKind } from './record.ts'

/**
 * The number of each kind in the file: a word in every row would cost a megabyte a day. A number is never reused. The first two kinds are written
 * every second and may be dropped when they are old. The other kinds are statements and stay.
 */
const CODES: Readonly<Record<RecordKind, number>> = {
  observations: 1,
  figures: 2,
  reports: 3,
  incident: 4,
  maintenance: 5,
  day: 6,
  sentinel: 7,
  dropped: 8,
}

/** Bodies of kinds up to this code may be dropped. */
export const lastDroppableCode = 2

const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code, name as RecordKind]))

export function codeOf(kind: RecordKind): number {
  const code = CODES[kind] as number | undefined
  if (code === undefined) throw new TypeError(`there is no kind ${kind}`)
  return code
}

/** The name of a code. A code unknown to this program is named like `#9`. */
export function nameOf(code: number): string {
  return NAMES.get(code) ?? `#${code}`
}

export function isKind(name: string): name is RecordKind {
  return Object.hasOwn(CODES, name)
}

export function mayBeDropped(kind: string): boolean {
  return isKind(kind) && CODES[kind] <= lastDroppableCode
}
