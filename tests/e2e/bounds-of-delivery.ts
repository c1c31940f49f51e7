import { DELIVERY_BOUNDS } from '../../apps/server/src/delivery/bounds.ts'

/** Bytes of one character in UTF-8, and what surrounds the texts of a page in a frame. */
const CHAR_BYTES_MAX = 3
const AROUND_BYTES_MAX = 50_000

/** Most that may wait in the server for one device: the hard bound is looked at before a frame is added, and one page may stand above it [D3]. */
export const WAITING_BYTES_MAX = DELIVERY_BOUNDS.bufferedBytesHard + DELIVERY_BOUNDS.pageChars * CHAR_BYTES_MAX + AROUND_BYTES_MAX
