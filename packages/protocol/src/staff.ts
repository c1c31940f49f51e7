/** The roles of people, from the most powerful. A moderator has `member` in a profile [B53]. */
export const STAFF_ROLES = ['admin', 'moderator', 'member'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

/** What staff may do to a person. */
export const STAFF_ACTS_ON_PEOPLE = ['warn', 'suspend', 'lift', 'set-role'] as const
export type StaffActOnPerson = (typeof STAFF_ACTS_ON_PEOPLE)[number]

/** Decisions of a report case [B65]. */
export const KINDS_OF_ACTS = ['none', 'hide', 'remove', 'warn', 'suspend'] as const
export type KindOfAct = (typeof KINDS_OF_ACTS)[number]
