import type { StaffActOnPerson, StaffRole } from '@bongsu/protocol'

/** `judge`: reads a case, and decides that nothing is wrong. `hide` and `remove`: decisions of a case. */
export type StaffAct = StaffActOnPerson | 'look' | 'read-journal' | 'judge' | 'hide' | 'remove'

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
  judge: { admin: ALL, moderator: ALL },
  hide: { admin: ALL, moderator: ALL },
  remove: { admin: ALL, moderator: ALL },
}

/** @param on the role of the person it is done to; left out for an act that is about nobody. */
export function mayAct(act: StaffAct, by: StaffRole, on?: StaffRole): boolean {
  const allowed = MAY_ACT[act][by]
  return allowed !== undefined && (on === undefined || allowed.includes(on))
}
