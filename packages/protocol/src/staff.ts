/** The roles of people, from the most powerful. A moderator has `member` in a profile [B53]. */
export const STAFF_ROLES = ['admin', 'moderator', 'member'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

/** What staff may do to a person. */
export const STAFF_ACTS_ON_PEOPLE = ['warn', 'suspend', 'lift', 'set-role'] as const
export type StaffActOnPerson = (typeof STAFF_ACTS_ON_PEOPLE)[number]
