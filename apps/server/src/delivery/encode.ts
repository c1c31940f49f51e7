import type { DownFrame } from '@bongsu/protocol'

/** A frame ready for the wire, made once however many devices it goes to. */
export type Encoded = Buffer

export function encode(frame: DownFrame): Encoded {
  return Buffer.from(JSON.stringify(frame))
}
