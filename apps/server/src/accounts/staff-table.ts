import type { StaffActOnPerson, StaffRole } from '@bongsu/protocol'

export type StaffAct = StaffActOnPerson | 'look' | 'read-journal'

const ALL = ['admin', 'moderator', 'member'] as const

/**
 * Who may act on whom [B54]: for each act the roles that may do it, and the roles of those to whom. An act that is about nobody has an empty list. The
 * operator at the command line may do what an administrator may.
 */
export const MAY_ACT: Readonly<Record<StaffAct, Partial<Readonly<Record<StaffRole, readonly StaffRole[]>>>>> = {
  look: { admin: ALL, moderator: ALL },
  warn: { admin: ['moderator', 'member'], moderator: ['member'] },
  suspend: { admin: ['moderator', 'member'], moderator: ['member'] },
  lift: { admin: ['moderator', 'member'], moderator: ['member'] },
  'set-role': { admin: ALL },
  'read-journal': { admin: [] },
}

/** @param on the role of the person it is done to; left out for an act that is about nobody. */
export function mayAct(act: StaffAct, by: StaffRole, on?: StaffRole): boolean {
  const allowed = MAY_ACT[act][by]
  return allowed !== undefined && (on === undefined || allowed.includes(on))
}
