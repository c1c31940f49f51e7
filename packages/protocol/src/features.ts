import { Type } from 'typebox'
import { LIMITS } from './limits.ts'

/** Features of one side of a connection beyond version 1 of the wire. The other side ignores unknown names [W3]. */
export const FeaturesSchema = Type.Array(Type.String({ minLength: 1, maxLength: LIMITS.featureNameLengthMax }), {
  maxItems: LIMITS.featuresMax,
  description: 'Features of this side beyond version 1 [W3].',
})
