import { DownFrameSchema, type DownType } from './down.ts'
import { fieldsOf, type Fields, type Schema } from './schema-checks.ts'

export type { Check, Fields } from './schema-checks.ts'

/** The checks of all down frames by type, derived from their schemas. */
export function downChecks(): Readonly<Record<DownType, Fields>> {
  const frames = JSON.parse(JSON.stringify(DownFrameSchema.anyOf)) as readonly Schema[]
  return Object.fromEntries(frames.map((frame) => [frame.properties?.['t']?.const, fieldsOf(frame, 't')])) as Record<DownType, Fields>
}
