import { Type, type Static } from 'typebox'
import { PersonSchema } from './account.ts'
import { ConversationKindSchema } from './conversation-kind.ts'
import { described, PUBLISHED } from './described.ts'
import { count } from './figures.ts'
import { AccountIdSchema, ClientMessageIdSchema, ConversationIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { EntrySchema, SeqSchema, TimeSchema } from './message.ts'
import { SuspendingSchema, textOfStaff } from './http-staff.ts'
import { PATHS } from './paths.ts'
import { REPORT_REASONS, type ReportReason } from './reasons.ts'
import { KINDS_OF_ACTS, type KindOfAct } from './staff.ts'
import { UUID_PATTERN } from './uuid.ts'

const closed = { additionalProperties: false }
const Empty = Type.Object({}, closed)

const CaseIdSchema = Type.String({ pattern: UUID_PATTERN, description: 'Id of a case.' })
const ReasonSchema = Type.Unsafe<ReportReason>(
  Type.Union(
    REPORT_REASONS.map((reason) => Type.Literal(reason)),
    { description: 'Why it was reported.' },
  ),
)
/** The door passes on what is not absurdly long, and a rule behind it refuses the rest with a code of its own. */
const words = (description: string) =>
  Type.String({
    maxLength: 4 * LIMITS.reportTextCodePointsMax,
    [PUBLISHED]: { minLength: 1, maxLength: LIMITS.reportTextCodePointsMax, allOf: [{ pattern: '\\S' }, { pattern: '^[^\\u0000]*$' }] },
    description,
  })

const ReportedSchema = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('message', { description: 'A message, of somebody else.' }),
        conversationId: ConversationIdSchema,
        seq: described(SeqSchema, 'The entry that is reported.'),
        subject: described(ClientMessageIdSchema, 'Its id, which must belong to the seq [I4].'),
      },
      closed,
    ),
    Type.Object({ kind: Type.Literal('person', { description: 'A person.' }), accountId: AccountIdSchema }, closed),
    Type.Object({ kind: Type.Literal('room', { description: 'A group.' }), conversationId: ConversationIdSchema }, closed),
  ],
  { description: 'What is reported: a message of somebody else, a person whose name one may see, or a group one is in.' },
)
export type Reported = Static<typeof ReportedSchema>

const ActOfStaffSchema = Type.Union(
  [
    Type.Object({ kind: Type.Literal('none', { description: 'Nothing is wrong.' }) }, closed),
    Type.Object(
      {
        kind: Type.Literal('hide', { description: 'Hide the reported messages of the case from everybody [B66].' }),
        upTo: Type.Optional(
          described(TimeSchema, 'Only those of reports that came until then: the newest `reportedAt` that was shown. All when left out.'),
        ),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('remove', { description: 'Remove the author of a reported message from its group [B67].' }),
        conversationId: ConversationIdSchema,
        accountId: Type.Optional(described(AccountIdSchema, 'Whom; the reported person when left out.')),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('warn', { description: 'Warn the reported person [B57].' }),
        text: textOfStaff('What the person is told. It stands in the journal.'),
      },
      closed,
    ),
    Type.Object({ kind: Type.Literal('suspend', { description: 'Suspend the reported person [B55].' }), ...SuspendingSchema.properties }, closed),
  ],
  { description: 'What is done about it.' },
)
export type ActOfStaff = Static<typeof ActOfStaffSchema>

const CaseSchema = Type.Object(
  {
    caseId: CaseIdSchema,
    about: Type.Union([Type.Literal('person'), Type.Literal('room')], {
      description: 'Whom or what the reports are about. Those of a message are about its author.',
    }),
    person: Type.Union([PersonSchema, Type.Null()], { description: 'The reported person; null in a case about a group.' }),
    room: Type.Union(
      [Type.Object({ conversationId: ConversationIdSchema, title: Type.String({ description: 'Its present title.' }) }), Type.Null()],
      {
        description: 'The reported group; null in a case about a person.',
      },
    ),
    openedAt: described(TimeSchema, 'When the first report came.'),
    reportedAt: described(TimeSchema, 'When the last report came.'),
    reporters: count('How many people reported it.'),
    reasons: Type.Array(Type.Object({ reason: ReasonSchema, reporters: count('How many people gave it.') }), {
      description: 'Their reasons, the most frequent first.',
    }),
    earlier: count('Cases about the same that were closed before and are still kept.'),
    decision: Type.Union(
      [
        Type.Object({
          act: Type.String({ description: 'What was done: the kind of the act.' }),
          asked: Type.Optional(described(ActOfStaffSchema, 'The whole act. Left out in a case that an older server decided.')),
          note: Type.String({ description: 'The reason that was given; may be empty.' }),
          by: Type.Union([PersonSchema, Type.Null()], { description: 'Who decided; null when that was the operator, by a command.' }),
          at: described(TimeSchema, 'When it was decided.'),
          done: Type.Boolean({ description: 'Whether the act is done. False when the server was interrupted: decide the same again.' }),
        }),
        Type.Null(),
      ],
      { description: 'What was decided; null while the case is open.' },
    ),
  },
  { description: 'All reports about one person or one group, until staff decide [B63].' },
)
export type ReportCase = Static<typeof CaseSchema>

const CaseDetailsSchema = Type.Object({
  ...CaseSchema.properties,
  may: Type.Optional(
    Type.Array(
      Type.Unsafe<KindOfAct>(
        Type.Union(
          KINDS_OF_ACTS.map((kind) => Type.Literal(kind)),
          { description: 'Kind of an act.' },
        ),
      ),
      { description: 'What the caller may decide here [B54]. An older server leaves it out.' },
    ),
  ),
  kept: Type.Array(
    Type.Object({
      reportedAt: described(TimeSchema, 'When it came.'),
      reason: ReasonSchema,
      text: Type.String({ description: 'What the person wrote; may be empty.' }),
      message: Type.Union(
        [
          Type.Object({
            conversationId: ConversationIdSchema,
            kind: ConversationKindSchema,
            title: Type.String({ description: 'Title of the conversation; may be empty.' }),
            seq: described(SeqSchema, 'The reported entry, the last one of `entries`.'),
            entries: Type.Array(EntrySchema, { description: 'The reported entry and those before it, as the log had them when the report came.' }),
            seal: Type.String({ description: 'SHA-256 of the copy, as written when the report came [B61].' }),
            intact: Type.Boolean({ description: 'Whether the copy still has this hash.' }),
          }),
          Type.Null(),
        ],
        { description: 'The reported message; null in a report without one.' },
      ),
    }),
    { description: 'The first reports, oldest first. Later ones are only counted [B63]. Of a group also reported messages of others in it [B81].' },
  ),
  people: Type.Array(PersonSchema, { description: 'Authors of the copied entries, and people named in them, in no order.' }),
})
export type CaseDetails = Static<typeof CaseDetailsSchema>

/** Operations about reports: of everybody, and of staff [B60-B66]. */
export const REPORT_ROUTES = {
  report: {
    ...PATHS.report,
    about: 'Report a message, a person or a group to the staff of this server. Who is reported is not told. A repeated `id` changes nothing [B60].',
    body: Type.Object(
      {
        id: described(ClientMessageIdSchema, 'Made by the device before its first request.'),
        reported: ReportedSchema,
        reason: ReasonSchema,
        text: Type.Optional(words('What the person wants to add.')),
      },
      closed,
    ),
    reply: Empty,
  },
  listCases: {
    ...PATHS.listCases,
    about: 'For staff: cases without those about oneself [B64]. Open ones with the oldest first, decided ones with the newest first.',
    query: Type.Object(
      {
        decided: Type.Optional(Type.Boolean({ description: 'Those that were decided.' })),
        after: Type.Optional(described(CaseIdSchema, 'Those that come after this one; the first page when left out.')),
      },
      closed,
    ),
    reply: Type.Object({
      cases: Type.Array(CaseSchema, { description: 'Without the contents of reports.' }),
      open: count('Number of open cases.'),
      more: Type.Boolean({ description: 'Whether more cases come after these.' }),
    }),
  },
  readCase: {
    ...PATHS.readCase,
    about: 'For staff: a case with what was reported. That it was opened is recorded [B62].',
    params: Type.Object({ caseId: CaseIdSchema }, closed),
    reply: CaseDetailsSchema,
  },
  closeCase: {
    ...PATHS.closeCase,
    about: 'For staff: decide a case. Of two decisions the first counts; the other is refused with `case-closed` [B65].',
    params: Type.Object({ caseId: CaseIdSchema }, closed),
    body: Type.Object({ act: ActOfStaffSchema, note: Type.Optional(words('The reason, which stays with the case.')) }, closed),
    reply: CaseSchema,
  },
} as const
