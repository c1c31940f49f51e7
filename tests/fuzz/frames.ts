import fc from 'fast-check'
import { UpFrameSchema } from '@bongsu/protocol/schemas'
import { arbitraryOf, scratched, spoiled } from './arbitrary-of.ts'

/** Good up frames of every type, as text. @param known ids that name something. */
export function goodFrames(known: readonly string[], types: (type: string) => boolean = () => true): fc.Arbitrary<string> {
  const schemas = UpFrameSchema.anyOf.filter((schema) => types((schema as unknown as { properties: { t: { const: string } } }).properties.t.const))
  return fc.oneof(...schemas.map((schema) => arbitraryOf(schema, known))).map((frame) => JSON.stringify(frame))
}

/** Frames good, spoiled, scratched, and no frames at all. */
export function anyFrames(known: readonly string[], types?: (type: string) => boolean): fc.Arbitrary<string> {
  const good = goodFrames(known, types)
  return fc.oneof(
    { weight: 2, arbitrary: good },
    { weight: 6, arbitrary: spoiled(good.map((text) => JSON.parse(text) as unknown)).map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: scratched(good) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
  )
}
