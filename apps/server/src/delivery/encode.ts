import type { DownFrame } from '@bongsu/protocol'

/** An encoded frame, made once for all devices. */
export type Encoded = Buffer

export function encode(frame: DownFrame): Encoded {
  return Buffer.from(JSON.stringify(frame))
}
