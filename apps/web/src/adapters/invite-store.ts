import { readKept, writeKept } from './kept-items.ts'

const key = 'bongsu.invite'

/** The invite with which this device was opened [C8]. It is kept until it is used, no longer valid, or its owner signs out. */
export function keptInvite(): string | null {
  return readKept(key)
}

export function keepInvite(code: string): void {
  writeKept(key, code)
}

export function forgetInvite(): void {
  writeKept(key, null)
}
