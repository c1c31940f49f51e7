import { Type, type Static } from 'typebox'
import { TimeSchema } from './message.ts'

/** A text in both languages of the screen. */
const TextSchema = Type.Object({ ko: Type.String(), en: Type.String() })

const ConditionSchema = Type.Union([
  Type.Literal('operational'),
  Type.Literal('degraded_performance'),
  Type.Literal('partial_outage'),
  Type.Literal('major_outage'),
  Type.Literal('under_maintenance'),
  Type.Literal('unknown'),
])

/**
 * The sentinel's report about the messenger, for programs: `/status.json` beside its pages. The web app shows its banner from it. Readers compare
 * `measuredAt` with their own clock: older than `staleAfterMs` means that nothing is known, whatever else the document says [S2].
 */
export const StatusDocumentSchema = Type.Object({
  name: Type.String(),
  pageUrl: Type.String(),
  /** The sentinel itself answers at this address, so devices may tell it something [F7]. Missing in files and copies. */
  hears: Type.Optional(Type.Literal(true)),
  madeAt: TimeSchema,
  /** Time of the newest evidence; null before the first. */
  measuredAt: Type.Union([TimeSchema, Type.Null()]),
  staleAfterMs: Type.Integer({ minimum: 1 }),
  /** The headline of the page. */
  sentence: TextSchema,
  /** What people should know although nothing fails: with the present settings, messages could be lost [O19]. Left out otherwise. */
  caution: Type.Optional(TextSchema),
  components: Type.Array(Type.Object({ id: Type.String(), name: TextSchema, condition: ConditionSchema })),
  /** Unresolved incidents, newest first. */
  incidents: Type.Array(
    Type.Object({
      id: Type.String(),
      url: Type.String(),
      title: TextSchema,
      /** The newest update. */
      body: TextSchema,
      impact: Type.Union([Type.Literal('none'), Type.Literal('minor'), Type.Literal('major'), Type.Literal('critical')]),
      status: Type.String(),
      startedAt: TimeSchema,
      updatedAt: TimeSchema,
      nextUpdateAt: Type.Union([TimeSchema, Type.Null()]),
      /** Share of active users affected, in [0, 1]; null while unknown. */
      share: Type.Union([Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() }), Type.Null()]),
    }),
  ),
})
export type StatusDocument = Static<typeof StatusDocumentSchema>
