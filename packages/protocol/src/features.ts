import { Type } from 'typebox'
import { LIMITS } from './limits.ts'

/** What one side of a connection knows beyond version 1 of the wire. Names that the other side does not know mean nothing to it [W3]. */
export const FeaturesSchema = Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { maxItems: LIMITS.featuresMax })
