import { isIn, seesHost, type Traits } from './callers.ts'
import type { Cell, Outcome } from './square.ts'

/** One way to use an operation, and what the rules give each kind of caller. */
export interface Operation {
  /** What is special about it. */
  readonly case?: string
  /** Rules of SPEC.md that say so. */
  readonly rules: string
  /** Who gets in: everybody, the sentinel's key, or a signed-in device. What the others get is the same for all operations. */
  readonly door: 'open' | 'key' | 'device'
  /** Whether everybody's other person is in the group. */
  readonly others?: 'in'
  readonly does: (cell: Cell) => Promise<Outcome>
  /** What a caller gets who gets in. */
  readonly gets: (who: Traits) => Outcome
}

export const always = (): Outcome => 'ok'
export const isHost = ({ group }: Traits): boolean => group === 'host'

// The sentences of SPEC.md about standing, as what a caller gets.
/** [W4] A conversation is for its members. */
export const ifMember = (who: Traits): Outcome => (isIn(who) ? 'ok' : 'not-a-member')
export const ifOfTheTwo = ({ direct }: Traits): Outcome => (direct === 'never' ? 'not-a-member' : 'ok')
/** [B12] A right is given to a lowest role. */
export const ifRole =
  (least: 'deputy' | 'host') =>
  (who: Traits): Outcome =>
    !isIn(who) ? 'not-a-member' : isIn(who, least) ? 'ok' : 'role-too-low'
/** [I4, B4] A mark is about an entry that the caller can see. */
export const ifSeen = (who: Traits): Outcome => (who.group === 'newcomer' ? 'subject-gone' : ifMember(who))
/** [I5] Only its author, the host, edits or erases an entry. */
export const ifAuthor = (who: Traits): Outcome => (ifSeen(who) === 'ok' && !isHost(who) ? 'forbidden' : ifSeen(who))
/** [W4, B1, B40, B71] Whoever may see the host's name, or is asked by the host, may name the host. Nobody names themselves. */
export const ifSeesHost = (who: Traits): Outcome => (isHost(who) ? 'body-invalid' : seesHost(who) || who.group === 'pending' ? 'ok' : 'not-found')
/** [B30] What speaks for the server is for staff. */
export const ifStaff = ({ staff }: Traits): Outcome => (staff === undefined ? 'forbidden' : 'ok')
/** [B54] What changes roles, and the journal, is for administrators. */
export const ifAdmin = ({ staff }: Traits): Outcome => (staff === 'admin' ? 'ok' : 'forbidden')
