import { LIMITS } from '@bongsu/protocol'
import { DEVICE_BOUNDS } from '../../packages/client/src/bounds.ts'
import { DELIVERY_BOUNDS } from '../../apps/server/src/delivery/bounds.ts'

type Numbers = Record<string, number>

const REAL = { limits: { ...LIMITS }, delivery: { ...DELIVERY_BOUNDS }, device: { ...DEVICE_BOUNDS } }
const SMALL = {
  limits: {
    entriesPerPageMax: 6,
    backfillEntriesMax: 12,
    resetTailEntries: 4,
    watchEntriesMax: 10,
    itemsPerFrameMax: 6,
    backfillItemsMax: 8,
    itemsPerPageMax: 12,
    reactionKindsMax: 3,
  },
  delivery: {
    pageEntries: 6,
    pageItems: 3,
    pageChars: 6_000,
    roomsPerRead: 2,
    bufferedBytesSoft: 4_000,
    bufferedBytesHard: 24_000,
    sweepBatch: 3,
    stallMs: 7_000,
  },
  device: { tailEntries: 4 },
}

/** The bounds of the whole process, for one run: the same rules, met in histories a hundred times shorter. */
export function setBounds(small: boolean): void {
  Object.assign(LIMITS as Numbers, REAL.limits, small ? SMALL.limits : {})
  Object.assign(DELIVERY_BOUNDS as Numbers, REAL.delivery, small ? SMALL.delivery : {})
  Object.assign(DEVICE_BOUNDS as Numbers, REAL.device, small ? SMALL.device : {})
}
