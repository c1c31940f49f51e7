import { Type, type Static } from 'typebox'
import { PersonSchema } from './account.ts'
import { described, PUBLISHED } from './described.ts'
import { AccountIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { SeqSchema, TimeSchema } from './message.ts'
import { PATHS } from './paths.ts'
import { STAFF_ACTS_ON_PEOPLE, STAFF_ROLES } from './staff.ts'
import { UUID_PATTERN } from './uuid.ts'

const closed = { additionalProperties: false }
const Empty = Type.Object({}, closed)

/** Longest text of staff that the door passes on. A rule behind it refuses what has too many code points. */
const TEXT_LENGTH_MAX = 2_000

const NO_NUL = { pattern: '^[^\\u0000]*$' }

export const textOfStaff = (description: string) =>
  Type.String({
    maxLength: TEXT_LENGTH_MAX,
    [PUBLISHED]: { minLength: 1, maxLength: LIMITS.staffTextCodePointsMax, allOf: [{ pattern: '\\S' }, NO_NUL] },
    description,
  })

/** For how long an account is suspended, why, and how to appeal. */
export const SuspendingSchema = Type.Object({
  forMs: Type.Union([Type.Integer({ minimum: LIMITS.suspensionMsMin, maximum: LIMITS.suspensionMsMax }), Type.Null()], {
    description: 'For how long; null for good.',
  }),
  reason: textOfStaff('Why. The person is told, and it stands in the journal.'),
  appeal: Type.String({
    maxLength: TEXT_LENGTH_MAX,
    [PUBLISHED]: { maxLength: LIMITS.staffTextCodePointsMax, allOf: [{ pattern: '^$|\\S' }, NO_NUL] },
    description: 'How to appeal; may be empty.',
  }),
})

const ReasonSchema = textOfStaff('Why. It stands in the journal.')
const idOf = (description: string) => Type.String({ pattern: UUID_PATTERN, description })

const oneOf = <Name extends string>(names: readonly Name[], description: string) =>
  Type.Unsafe<Name>(
    Type.Union(
      names.map((name) => Type.Literal(name)),
      { description },
    ),
  )
const StaffRoleSchema = oneOf(STAFF_ROLES, 'admin: administrator. moderator: may warn and suspend members. member: everybody else.')

export const SuspensionSchema = Type.Object(
  {
    suspensionId: idOf('Id of the suspension, made by who suspends.'),
    at: described(TimeSchema, 'When it began.'),
    until: Type.Union([TimeSchema, Type.Null()], { description: 'When it ends by itself; null when it is for good.' }),
    reason: Type.String({ description: 'Why, as staff tell the suspended person.' }),
    appeal: Type.String({ description: 'How to appeal; empty when staff say nothing about it.' }),
  },
  { description: 'A suspension of an account [B55].' },
)

const SheetSchema = Type.Object(
  {
    person: PersonSchema,
    role: StaffRoleSchema,
    createdAt: described(TimeSchema, 'When the account was made.'),
    suspension: Type.Union([SuspensionSchema, Type.Null()], { description: 'The present suspension; null when there is none.' }),
    canary: Type.Optional(Type.Literal(true, { description: 'The account belongs to the sentinel: staff do not act on it [B84].' })),
    may: Type.Array(oneOf(STAFF_ACTS_ON_PEOPLE, 'An act.'), { description: 'What the caller may do to this person [B54].' }),
  },
  { description: 'What staff see of a person.' },
)
export type StaffSheet = Static<typeof SheetSchema>

const JournalRowSchema = Type.Object({
  seq: Type.Integer({ minimum: 0, description: 'Number of the row, without a gap.' }),
  at: described(TimeSchema, 'When it was written.'),
  kind: Type.String({ description: 'What happened. A client shows unknown kinds as they are.' }),
  actor: Type.String({ description: 'Who did it: an account id, `operator` for the command line, or `system`.' }),
  accountId: Type.Union([AccountIdSchema, Type.Null()], { description: 'Whom it is about.' }),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), { description: 'Ids, numbers and reasons.' }),
})
export type JournalLine = Static<typeof JournalRowSchema>

const person = Type.Object({ accountId: AccountIdSchema }, closed)

/** Operations of staff. Everybody else is refused with `forbidden` [B54]. */
export const STAFF_ROUTES = {
  lookUpForStaff: {
    ...PATHS.lookUpForStaff,
    about: 'What staff see of the person with this handle.',
    body: Type.Object({ handle: Type.String({ maxLength: LIMITS.typedHandleLengthMax, description: 'The exact handle.' }) }, closed),
    reply: SheetSchema,
  },
  setRole: {
    ...PATHS.setRole,
    about: 'Give an account another role. Refused with `acted-already` when its role is not `was` any more.',
    params: person,
    body: Type.Object({ role: StaffRoleSchema, was: StaffRoleSchema, reason: ReasonSchema }, closed),
    reply: Empty,
  },
  suspend: {
    ...PATHS.suspend,
    about:
      'Suspend an account. A repeated request with the same id is the same suspension; another one while there is one is refused with `acted-already`.',
    params: person,
    body: Type.Object({ suspensionId: idOf('Made by the device.'), ...SuspendingSchema.properties }, closed),
    reply: SuspensionSchema,
  },
  liftSuspension: {
    ...PATHS.liftSuspension,
    about: 'Lift a suspension. Refused with `acted-already` when it is not the present one any more.',
    params: person,
    body: Type.Object({ suspensionId: idOf('Which one.'), reason: ReasonSchema }, closed),
    reply: Empty,
  },
  warn: {
    ...PATHS.warn,
    about: 'Warn a person: they see the text in their app. A repeated request changes nothing.',
    params: Type.Object({ accountId: AccountIdSchema, noticeId: idOf('Made by the device.') }, closed),
    body: Type.Object({ text: textOfStaff('What the person is told. It stands in the journal.') }, closed),
    reply: Empty,
  },
  readJournal: {
    ...PATHS.readJournal,
    about: 'Acts of staff and security events, newest first, for administrators [B50].',
    query: Type.Object(
      {
        below: Type.Optional(described(SeqSchema, 'Only rows below this seq.')),
        accountId: Type.Optional(AccountIdSchema),
      },
      closed,
    ),
    reply: Type.Object({
      rows: Type.Array(JournalRowSchema, { description: 'Newest first.' }),
      people: Type.Array(PersonSchema, { description: 'Who is named in the rows.' }),
      more: Type.Boolean({ description: 'Whether there are older rows.' }),
    }),
  },
  putAwayNotice: {
    ...PATHS.putAwayNotice,
    about: 'Put a warning away after reading it.',
    params: Type.Object({ noticeId: idOf('Which one.') }, closed),
    reply: Empty,
  },
} as const
