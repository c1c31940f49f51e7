import { Type } from 'typebox'
import { LIMITS } from './limits.ts'

export const TideSchema = Type.String({
  minLength: 1,
  maxLength: LIMITS.tideLengthMax,
  description:
    'How far the history is durable, signed by the server and opaque to the device. Keep the last one of any frame, together with what the frame brought, and send it in the next hello [A7].',
})

export const LineageSchema = Type.String({
  minLength: 1,
  maxLength: LIMITS.lineageLengthMax,
  description:
    'The newest starts of the server, signed by it and opaque to the device. Keep it, and send it in the next hello together with the last tide [A7].',
})
